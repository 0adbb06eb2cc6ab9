#include "stac/model/weights.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <regex>
#include <stdexcept>

#include "model/tensor_reader.hpp"
#include "model/weight_layout.hpp"
#include "stac/error.hpp"

namespace stac::model {
namespace {

constexpr const char* kHead = "lm_head.weight";

void require_norm(TensorReader& reader, const WeightLayout& layout, const std::string& name, std::int64_t hidden) {
  reader.require(name + ".weight", {hidden});
  if (layout.norm_bias) reader.require(name + ".bias", {hidden});
}

void require_projection(TensorReader& reader, const WeightLayout& layout, const std::string& name,
                        const ProjectionTensors& tensors) {
  const bool turned = layout.orientation == Orientation::inputs_first;
  reader.require(name + ".weight",
                 turned ? std::vector{tensors.in, tensors.out} : std::vector{tensors.out, tensors.in});
  if (tensors.bias) reader.require(name + ".bias", {tensors.out});
}

void require_embeddings(TensorReader& reader, const WeightLayout& layout, const TransformerConfig& config) {
  reader.require(layout.token_embedding, {config.vocab_size, config.hidden_size});
  if (layout.position_embedding.empty()) return;
  reader.require(layout.position_embedding, {config.max_positions, config.hidden_size});
}

void require_head(TensorReader& reader, const WeightLayout& layout, const TransformerConfig& config) {
  if (!config.tied_head) return reader.require(kHead, {config.vocab_size, config.hidden_size});
  if (!reader.has(kHead)) return;
  if (!reader.same_content(kHead, layout.token_embedding)) {
    throw Error(reader.where(kHead) + " differs from the token embedding, but config.json ties them",
                "set \"tie_word_embeddings\": false in config.json to use it, or remove the tensor");
  }
  reader.mark_used(kHead);
}

void require_all(TensorReader& reader, const WeightLayout& layout, const TransformerConfig& config) {
  require_embeddings(reader, layout, config);
  require_norm(reader, layout, layout.final_norm, config.hidden_size);
  require_head(reader, layout, config);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const std::string block = layout.block_name(layer);
    for (const NormTensors& norm : layout.norms) require_norm(reader, layout, block + norm.name, config.hidden_size);
    for (const ProjectionTensors& projection : layout.projections) {
      require_projection(reader, layout, block + projection.name, projection);
    }
  }
}

/// A weight and a bias where they lie.
struct StoredPair {
  StoredView weight;
  std::optional<StoredView> bias;

  StoredPair(const TensorReader& reader, const std::string& name, bool has_bias)
      : weight(reader.view(name + ".weight")) {
    if (has_bias) bias = reader.view(name + ".bias");
  }

  [[nodiscard]] at::Tensor read_bias() const { return bias ? in_f32(*bias) : at::Tensor(); }
  [[nodiscard]] Norm norm() const { return {in_f32(weight), read_bias()}; }
  [[nodiscard]] Projection projection(Orientation orientation) const {
    const at::Tensor stored = in_f32(weight);
    return {orientation == Orientation::inputs_first ? stored.t().contiguous() : stored, read_bias()};
  }
};

Projection part_of(const Projection& whole, std::int64_t part, std::int64_t parts) {
  if (parts == 1) return whole;
  const std::int64_t size = whole.weight.size(0) / parts;
  return {whole.weight.narrow(0, part * size, size),
          whole.bias.defined() ? whole.bias.narrow(0, part * size, size) : at::Tensor()};
}

/// A block where it lies.
class StoredBlock {
 public:
  StoredBlock(const TensorReader& reader, const WeightLayout& layout, std::int64_t layer)
      : orientation_(layout.orientation) {
    const std::string block = layout.block_name(layer);
    for (const NormTensors& norm : layout.norms) {
      norms_.emplace_back(norm.norm, StoredPair(reader, block + norm.name, layout.norm_bias));
    }
    for (const ProjectionTensors& tensors : layout.projections) {
      projections_.emplace_back(tensors.parts, StoredPair(reader, block + tensors.name, tensors.bias));
    }
  }

  [[nodiscard]] Block read() const {
    Block block;
    for (const auto& [norm, stored] : norms_) block.*norm = stored.norm();
    for (const auto& [parts, stored] : projections_) {
      const Projection whole = stored.projection(orientation_);
      const auto count = static_cast<std::int64_t>(parts.size());
      for (std::int64_t i = 0; i < count; ++i) block.*parts[static_cast<std::size_t>(i)] = part_of(whole, i, count);
    }
    return block;
  }

 private:
  Orientation orientation_;
  std::vector<std::pair<Norm Block::*, StoredPair>> norms_;
  std::vector<std::pair<std::vector<Projection Block::*>, StoredPair>> projections_;
};

Blocks stored_blocks(const TensorReader& reader, const WeightLayout& layout, std::int64_t layers) {
  auto blocks = std::make_shared<std::vector<StoredBlock>>();
  for (std::int64_t layer = 0; layer < layers; ++layer) blocks->emplace_back(reader, layout, layer);
  return {layers, [blocks](std::int64_t layer) { return blocks->at(static_cast<std::size_t>(layer)).read(); }};
}

ProjectionMaker head_of(const TensorReader& reader, const TransformerConfig& config, const at::Tensor& tokens) {
  if (config.tied_head) return held({tokens, {}});
  return [stored = reader.view(kHead)] { return Projection{in_f32(stored), {}}; };
}

TransformerWeights read_embeddings(const TensorReader& reader, const WeightLayout& layout) {
  TransformerWeights weights;
  weights.token_embedding = in_f32(reader.view(layout.token_embedding));
  if (!layout.position_embedding.empty()) weights.position_embedding = in_f32(reader.view(layout.position_embedding));
  return weights;
}

std::vector<std::string> without_superfluous(std::vector<std::string> names, const WeightLayout& layout) {
  const std::regex superfluous(layout.superfluous);
  std::erase_if(names, [&](const std::string& name) { return std::regex_match(name, superfluous); });
  return names;
}

}  // namespace

Blocks::Blocks(std::vector<Block> blocks) : count_(static_cast<std::int64_t>(blocks.size())) {
  maker_ = [blocks = std::make_shared<const std::vector<Block>>(std::move(blocks))](std::int64_t layer) {
    return blocks->at(static_cast<std::size_t>(layer));
  };
}

const Block Blocks::operator[](std::int64_t layer) const {  // NOLINT(readability-const-return-type)
  if (layer < 0 || layer >= count_) throw std::out_of_range("no block of layer " + std::to_string(layer));
  Block block = maker_(layer);
  const auto down = down_.find(layer);
  if (down != down_.end()) block.down = down->second;
  return block;
}

void Blocks::replace_down(std::int64_t layer, Projection projection) { down_[layer] = std::move(projection); }

ProjectionMaker held(Projection projection) {
  return [projection = std::move(projection)] { return projection; };
}

WeightLayout layout_of(const TransformerConfig& config) {
  switch (config.family) {
    case Family::gpt2:
      return gpt2_layout(config);
    case Family::llama:
      return llama_layout(config);
  }
  throw Error("a model family without a weight layout");
}

LoadedWeights load_weights(const TransformerConfig& config, const io::TensorStore& store) {
  const WeightLayout layout = layout_of(config);
  TensorReader reader(store, layout.prefix);
  require_all(reader, layout, config);
  reader.require_finite();
  LoadedWeights loaded;
  loaded.weights = read_embeddings(reader, layout);
  loaded.weights.blocks = stored_blocks(reader, layout, config.layers);
  loaded.weights.final_norm = StoredPair(reader, layout.final_norm, layout.norm_bias).norm();
  loaded.weights.head = head_of(reader, config, loaded.weights.token_embedding);
  loaded.used = reader.used();
  loaded.surplus = without_superfluous(reader.unused(), layout);
  return loaded;
}

LoadedWeights load_embeddings(const TransformerConfig& config, const io::TensorStore& store) {
  const WeightLayout layout = layout_of(config);
  TensorReader reader(store, layout.prefix);
  require_embeddings(reader, layout, config);
  reader.require_finite();
  return {read_embeddings(reader, layout), reader.used(), {}};
}

std::vector<StoredTensor> stored_down_projection(const TransformerConfig& config, const io::TensorStore& store,
                                                 std::int64_t layer, const Projection& projection) {
  const WeightLayout layout = layout_of(config);
  const auto tensors = std::ranges::find(layout.projections, std::vector{&Block::down}, &ProjectionTensors::parts);
  if (!tensors->bias && projection.bias.defined()) {
    throw Error("a down projection of layer " + std::to_string(layer) +
                " cannot be stored: the family's has no bias that would take its part");
  }
  const TensorReader reader(store, layout.prefix);
  const std::string name = layout.block_name(layer) + tensors->name;
  const bool turned = layout.orientation == Orientation::inputs_first;
  std::vector<StoredTensor> stored{
      {reader.stored(name + ".weight"), turned ? projection.weight.t().contiguous() : projection.weight}};
  if (projection.bias.defined()) stored.push_back({reader.stored(name + ".bias"), projection.bias});
  return stored;
}

}  // namespace stac::model
