#include "stac/convert/opened_model.hpp"

#include <utility>

#include "convert/artifact_tensors.hpp"
#include "convert/opened_parts.hpp"
#include "convert/source_text.hpp"
#include "stac/convert/quantization.hpp"

namespace stac::convert {

const model::TransformerWeights& OpenedModel::Parts::own_weights() {
  if (weights) return *weights;
  const bool integers = manifest.options.quantize == QuantizeChoice::int8;
  model::LoadedWeights loaded =
      integers ? model::load_embeddings(config, *checkpoint.tensors) : model::load_weights(config, *checkpoint.tensors);
  if (integers) loaded.weights = dequantized(own_quantized(), own_plan(), config, loaded.weights);
  weights = std::make_shared<const model::TransformerWeights>(std::move(loaded.weights));
  return *weights;
}

const snn::Plan& OpenedModel::Parts::own_plan() {
  if (plan) return *plan;
  plan = load_plan(manifest.options, config, *checkpoint.tensors);
  if (manifest.allocation) plan = with_codes(std::move(*plan), *manifest.allocation);
  return *plan;
}

const snn::QuantizedWeights& OpenedModel::Parts::own_quantized() {
  if (!quantized) {
    quantized.emplace();
    if (manifest.options.quantize == QuantizeChoice::int8) quantized = load_quantized(config, *checkpoint.tensors);
  }
  return *quantized;
}

const FoundSource& OpenedModel::Parts::find_source_once() {
  if (found_source) return *found_source;
  if (dense) {
    found_source = FoundSource{dense, {}};
  } else if (from_artifact) {
    found_source = find_source(manifest.source);
  } else {
    found_source = FoundSource{checkpoint, {}};
  }
  return *found_source;
}

OpenedModel::OpenedModel(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
OpenedModel::OpenedModel(OpenedModel&&) noexcept = default;
OpenedModel& OpenedModel::operator=(OpenedModel&&) noexcept = default;
OpenedModel::~OpenedModel() = default;

const std::string& OpenedModel::name() const { return parts_->name; }
const std::string& OpenedModel::description() const { return parts_->description; }
const std::filesystem::path& OpenedModel::folder() const { return parts_->checkpoint.folder; }
bool OpenedModel::from_artifact() const { return parts_->from_artifact; }
const ConversionOptions& OpenedModel::options() const { return parts_->manifest.options; }
const std::vector<std::string>& OpenedModel::warnings() const { return parts_->manifest.warnings; }
const nlohmann::json& OpenedModel::manifest() const { return parts_->manifest_json; }
const model::TransformerConfig& OpenedModel::config() const { return parts_->config; }

const snn::SpikingModel& OpenedModel::spiking(snn::EngineKind engine) const {
  std::shared_ptr<const snn::SpikingModel>& network = parts_->spiking[engine];
  if (!network) {
    network = spiking_model(parts_->config, parts_->own_weights(), parts_->own_plan(), engine, parts_->own_quantized());
  }
  return *network;
}

const model::LanguageModel& OpenedModel::ann() const {
  if (!parts_->ann) parts_->ann = std::make_unique<model::DenseModel>(parts_->config, parts_->own_weights());
  return *parts_->ann;
}

const model::LanguageModel* OpenedModel::source() const {
  if (parts_->source) return parts_->source.get();
  const FoundSource& found = parts_->find_source_once();
  if (!found.checkpoint) return nullptr;
  const model::TransformerConfig config = model::parse_config(found.checkpoint->config);
  if (parts_->has_source_weights && !parts_->dense) {
    parts_->source = std::make_unique<model::DenseModel>(config, parts_->own_weights());
  } else {
    parts_->source =
        std::make_unique<model::DenseModel>(config, model::load_weights(config, *found.checkpoint->tensors).weights);
  }
  return parts_->source.get();
}

const std::string& OpenedModel::source_missing_reason() const { return parts_->find_source_once().missing_reason; }

const text::Tokenizer& OpenedModel::tokenizer() const {
  if (!parts_->tokenizer) parts_->tokenizer = load_fitting_tokenizer(parts_->checkpoint, parts_->config.vocab_size);
  return *parts_->tokenizer;
}

const text::TokenizerConfig& OpenedModel::tokenizer_config() const {
  if (!parts_->tokenizer_config) parts_->tokenizer_config = text::load_tokenizer_config(folder());
  return *parts_->tokenizer_config;
}

const std::optional<text::ChatTemplate>& OpenedModel::chat_template() const {
  if (!parts_->chat_template) parts_->chat_template = text::find_chat_template(tokenizer_config());
  return parts_->chat_template;
}

}  // namespace stac::convert
