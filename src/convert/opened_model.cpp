#include "stac/convert/opened_model.hpp"

#include <utility>

#include "convert/opened_parts.hpp"
#include "convert/source_text.hpp"
#include "stac/io/sha256.hpp"
#include "stac/snn/device_engine.hpp"

namespace stac::convert {

const StoredNetwork& OpenedModel::Parts::own_network() {
  if (!network) network = load_network(manifest, config, *checkpoint.tensors);
  return *network;
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
const std::vector<std::string>& OpenedModel::fallbacks() const { return parts_->manifest.fallbacks; }
const nlohmann::json& OpenedModel::manifest() const { return parts_->manifest_json; }
const model::TransformerConfig& OpenedModel::config() const { return parts_->config; }

OpenedModel OpenedModel::calibrate_timesteps(const CodeChange& change, const Progress& progress) const {
  const Conversion same = conversion_of(parts_->manifest, parts_->checkpoint, parts_->config, parts_->own_network());
  auto parts = Parts::of(convert::calibrate_timesteps(same, change, progress), {});
  parts->name = parts_->name;
  parts->description = parts_->description + ", retargeted in memory: " + code_text(parts->manifest.options.code);
  parts->manifest_json = manifest_to_json(parts->manifest);
  parts->from_artifact = parts_->from_artifact;
  parts->has_source_weights = parts_->has_source_weights;
  parts->dense = parts_->dense;
  parts->cuda = parts_->cuda;
  return OpenedModel(std::move(parts));
}

std::function<snn::SpikingModel(int timesteps)> OpenedModel::retargeting(snn::EngineKind engine) const {
  return [this, engine](int timesteps) { return calibrate_timesteps({.timesteps = timesteps}).spiking(engine); };
}

std::string OpenedModel::fingerprint() const {
  nlohmann::json function = manifest();
  for (const char* const field :
       {"format_version", "stac_version", "files", "quality", "measured", "coverage", "fallbacks", "warnings"}) {
    function.erase(field);
  }
  function.at("source").erase("path");
  function["logit_scale"] = config().logit_scale;  // not what was measured to find it
  if (config().storage != model::Storage{}) function["storage"] = model::storage_name(config().storage);
  if (function.at("retargeted").is_object()) {
    function["retargeted"].erase("from");
    function["retargeted"].erase("sha256");
  }
  return io::sha256_of(function.dump());
}

const snn::SpikingModel& OpenedModel::spiking(snn::EngineKind engine) const {
  std::shared_ptr<const snn::SpikingModel>& spiking = parts_->spiking[engine];
  if (!spiking) {
    spiking = std::make_shared<const snn::SpikingModel>(network(plan(), this->engine(engine), config().storage));
  }
  return *spiking;
}

std::unique_ptr<snn::Engine> OpenedModel::engine(snn::EngineKind kind) const {
  if (parts_->cuda && kind == snn::EngineKind::fused) return snn::device_engine(c10::kCUDA);
  return snn::make_engine(kind);
}

snn::NetworkParts OpenedModel::network_parts() const {
  const StoredNetwork& own = parts_->own_network();
  return {parts_->config, own.weights, own.plan, own.quantized};
}

const snn::Plan& OpenedModel::plan() const { return parts_->own_network().plan; }

snn::SpikingModel OpenedModel::network(const snn::Plan& plan, std::unique_ptr<snn::Engine> engine,
                                       const model::Storage& storage) const {
  const StoredNetwork& own = parts_->own_network();
  model::TransformerConfig config = parts_->config;
  config.storage = storage;
  return snn::SpikingModel(
      std::make_shared<const snn::SpikingTransformer>(config, *own.weights, plan, std::move(engine), own.quantized));
}

const model::LanguageModel& OpenedModel::ann() const {
  if (!parts_->ann) parts_->ann = std::make_unique<model::DenseModel>(parts_->config, *parts_->own_network().weights);
  return *parts_->ann;
}

const model::LanguageModel* OpenedModel::source() const {
  if (parts_->source) return parts_->source.get();
  const FoundSource& found = parts_->find_source_once();
  if (!found.checkpoint) return nullptr;
  const model::TransformerConfig config = model::parse_config(found.checkpoint->config);
  if (parts_->has_source_weights && !parts_->dense) {
    parts_->source = std::make_unique<model::DenseModel>(config, *parts_->own_network().weights);
  } else {
    parts_->source =
        std::make_unique<model::DenseModel>(config, model::load_weights(config, *found.checkpoint->tensors).weights);
  }
  return parts_->source.get();
}

std::optional<DenseParts> OpenedModel::source_parts() const {
  const FoundSource& found = parts_->find_source_once();
  if (!found.checkpoint) return std::nullopt;
  const model::TransformerConfig config = model::parse_config(found.checkpoint->config);
  return DenseParts{config, std::make_shared<const model::TransformerWeights>(
                                model::load_weights(config, *found.checkpoint->tensors).weights)};
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

void OpenedModel::use_chat_template(text::ChatTemplate chat_template) {
  parts_->chat_template = std::move(chat_template);
}

}  // namespace stac::convert
