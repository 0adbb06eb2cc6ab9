// The parameters of a transformer as f32 tensors, family differences resolved: every projection is [out, in].
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "stac/io/tensor_store.hpp"
#include "stac/model/config.hpp"

namespace stac::model {

/// y = weight x + bias.
struct Projection {
  at::Tensor weight;  ///< [out, in], f32, contiguous
  at::Tensor bias;    ///< [out], f32; undefined where the model has none
};

/// Gain and bias behind a normalisation of the config's kind.
struct Norm {
  at::Tensor weight;  ///< [hidden]
  at::Tensor bias;    ///< [hidden]; undefined for RMSNorm
};

struct Block {
  Norm attention_norm;
  Projection query, key, value, attention_output;
  Norm mlp_norm;
  Projection gate;  ///< undefined where the MLP has none
  Projection up, down;
};

/// A network's blocks, each made when it is asked for: read from a mapped file, or computed from eight bits, so that a
/// large network is never held in f32 as a whole. One that is held costs nothing to ask for.
class Blocks {
 public:
  using Maker = std::function<Block(std::int64_t layer)>;

  Blocks() = default;
  Blocks(std::int64_t count, Maker maker) : count_(count), maker_(std::move(maker)) {}
  /// Held.
  explicit Blocks(std::vector<Block> blocks);

  [[nodiscard]] std::int64_t size() const { return count_; }

  /// const, since a change would be to what is thrown away.
  /// @throws std::out_of_range
  [[nodiscard]] const Block operator[](std::int64_t layer) const;  // NOLINT(readability-const-return-type)

  /// From here on the layer's block has this down projection, which is held.
  void replace_down(std::int64_t layer, Projection projection);

 private:
  std::int64_t count_ = 0;
  Maker maker_;
  std::map<std::int64_t, Projection> down_;
};

/// A projection that is made when it is asked for, as Blocks are.
using ProjectionMaker = std::function<Projection()>;

[[nodiscard]] ProjectionMaker held(Projection projection);

struct TransformerWeights {
  at::Tensor token_embedding;     ///< [vocab, hidden]
  at::Tensor position_embedding;  ///< [max_positions, hidden]; undefined for rotary positions
  Blocks blocks;
  Norm final_norm;
  ProjectionMaker head;  ///< [vocab, hidden]; shares token_embedding's storage where the config ties them
};

struct LoadedWeights {
  TransformerWeights weights;
  std::vector<std::string> used;     ///< names of the tensors that they were read from, sorted
  std::vector<std::string> surplus;  ///< names of tensors that the architecture does not use (a warning), sorted
};

/// Checks a checkpoint's tensors (any float dtype, with or without the family's prefix: `transformer.`, `model.`) and
/// reads its embeddings; blocks and an untied head are read from the mapped file when they are asked for.
/// @throws stac::Error naming the tensor: missing, misshapen, of integer type, holding a NaN or an infinity
[[nodiscard]] LoadedWeights load_weights(const TransformerConfig& config, const io::TensorStore& store);

/// Token and position embeddings only; the other weights are undefined, and nothing is surplus.
/// @throws stac::Error  as load_weights
[[nodiscard]] LoadedWeights load_embeddings(const TransformerConfig& config, const io::TensorStore& store);

/// A tensor as a checkpoint of this family stores it.
struct StoredTensor {
  std::string name;  ///< under which `store` has it
  at::Tensor value;  ///< f32, in the stored layout
};

/// Another down projection for one layer, as the checkpoint stores it.
/// @throws stac::Error  the projection has no place in the store (a bias that the family has not)
[[nodiscard]] std::vector<StoredTensor> stored_down_projection(const TransformerConfig& config,
                                                               const io::TensorStore& store, std::int64_t layer,
                                                               const Projection& projection);

}  // namespace stac::model
