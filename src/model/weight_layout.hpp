// How the checkpoints of a family store a transformer: names, shapes and orientations of its tensors.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "stac/model/config.hpp"
#include "stac/model/weights.hpp"

namespace stac::model {

/// What follows `name`: ".weight", and ".bias" where the family's norms have one.
struct NormTensors {
  std::string name;
  Norm Block::*norm;
};

enum class Orientation {
  outputs_first,  ///< torch.nn.Linear: [out, in]
  inputs_first    ///< transformers' Conv1D: [in, out]
};

struct ProjectionTensors {
  std::string name;                        ///< without ".weight" and ".bias"
  std::vector<Projection Block::*> parts;  ///< whose outputs stand one behind the other, as many of each
  std::int64_t out, in;                    ///< of all parts together
  bool bias;
};

struct WeightLayout {
  std::string prefix;              ///< that checkpoints may put before every name but the head's
  std::string token_embedding;     ///< name of the tensor
  std::string position_embedding;  ///< the same; empty where positions are rotary
  std::string final_norm;          ///< name of the norm
  std::string blocks;              ///< before a layer's number
  bool norm_bias;
  Orientation orientation;
  std::vector<NormTensors> norms;              ///< of a block
  std::vector<ProjectionTensors> projections;  ///< of a block
  std::string superfluous;                     ///< pattern of tensors that older checkpoints hold beside the weights

  [[nodiscard]] std::string block_name(std::int64_t layer) const { return blocks + std::to_string(layer) + "."; }
};

[[nodiscard]] WeightLayout gpt2_layout(const TransformerConfig& config);
/// Of Llama, Qwen2 and Mistral.
[[nodiscard]] WeightLayout llama_layout(const TransformerConfig& config);
[[nodiscard]] WeightLayout layout_of(const TransformerConfig& config);

}  // namespace stac::model
