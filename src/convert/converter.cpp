#include "stac/convert/converter.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>

#include "convert/artifact_files.hpp"
#include "convert/finish.hpp"
#include "convert/pipeline_steps.hpp"
#include "convert/source_text.hpp"
#include "convert/stages.hpp"
#include "convert/text_steps.hpp"
#include "stac/convert/planning.hpp"
#include "stac/error.hpp"
#include "stac/model/dense_pass.hpp"

namespace stac::convert {
namespace {

constexpr std::int64_t kMeasuredTokens = 32;
constexpr std::uint64_t kMeasuringSeed = 20;

std::vector<std::int64_t> random_ids(const model::TransformerConfig& config) {
  std::mt19937_64 random(kMeasuringSeed);
  std::vector<std::int64_t> ids(std::min(kMeasuredTokens, config.max_positions));
  for (std::int64_t& id : ids) {
    id = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(config.vocab_size));
  }
  return ids;
}

Measurement measure(const snn::NetworkParts& network, Stages& stages) {
  const std::vector<std::int64_t> ids = random_ids(network.config);
  snn::SpikingPass pass(network, {ids});
  for (std::int64_t layer = 0; layer < network.config.layers; ++layer) {
    stages.tell("measuring spikes", layer, network.config.layers);
    pass.run_layer();
  }
  if (!at::isfinite(pass.of(0)).all().item<bool>()) {
    throw Error("the converted network's logits are not finite", "the checkpoint's weights overflow f32");
  }
  const snn::Ledger& ledger = pass.ledger();
  const snn::SiteCounts total = ledger.total();
  return {static_cast<std::int64_t>(ids.size()), ledger.coverage(), ledger.additions_per_mac(),
          static_cast<double>(total.silent) / static_cast<double>(total.windows)};
}

void require_full_coverage(const Measurement& measured) {
  if (measured.coverage == 1.0) return;
  throw Error("only " + std::to_string(100.0 * measured.coverage) + "% of the network's products are driven by spikes",
              "this is a fault of STAC: please report it with the model's config.json");
}

void warn_of_surplus(Conversion& conversion) {
  for (const std::string& name : conversion.surplus) {
    conversion.warnings.push_back(conversion.source.tensors->file_of(name).filename().string() + ": tensor '" + name +
                                  "' is not part of the model and is left out");
  }
}

// At eight timesteps a quarter of the windows is silent, after the ReLU swap a third; a code that can say little more
// than zero silences most.
constexpr double kManySilent = 0.75;

void warn_of_silence(Conversion& conversion) {
  const double silent = conversion.measured.silent_windows;
  if (silent < kManySilent) return;
  conversion.warnings.push_back(std::to_string(std::lround(100.0 * silent)) +
                                "% of the neurons stay silent: " + std::to_string(conversion.options.code.timesteps) +
                                " timesteps are likely too few (stac-test --fidelity measures what is left)");
}

void warn_of_options(Conversion& conversion) {
  const snn::Code& code = conversion.options.code;
  const int speaking = snn::speaking_timesteps(code);
  if (speaking == code.timesteps) return;
  conversion.warnings.push_back("base " + std::to_string(code.base) + ": membranes are f32, so only the first " +
                                std::to_string(speaking) + " of " + std::to_string(code.timesteps) +
                                " timesteps can spike");
}

// A tenth of a second's worth for small models; a factor needs no more to be known to a hundredth.
constexpr std::int64_t kScaleSamples = 16;
constexpr std::int64_t kScaleLength = 32;

model::Texts scale_samples(const Conversion& conversion, const CalibrationRequest& request, Stages& stages) {
  if (!request.scale_logits) return {};
  stages.begin("sampling text to scale logits on");
  const std::int64_t length = std::min(kScaleLength, conversion.config.max_positions);
  return conversion.speaker->samples(
      OwnText::logit_scale, kScaleSamples, length, request.seed,
      [&](std::int64_t done, std::int64_t total) { stages.tell("sampling text to scale logits on", done, total); });
}

void scale_logits(Conversion& conversion, const model::Texts& samples) {
  const DenseStep& source = conversion.pipeline.dense.front();
  LogitScaleRecord record =
      fit_logit_scale(model::reader_of(source.config, source.weights), snn::reader_of(parts_of(conversion)), samples);
  record.text = "self-generated";
  conversion.logit_scale = std::move(record);
  if (conversion.logit_scale->scale == 1.0) return;
  conversion.config.logit_scale = conversion.logit_scale->scale;
  add_spiking_step(conversion, "logits scaled");
}

}  // namespace

snn::NetworkParts parts_of(const Conversion& conversion) {
  return {conversion.config, conversion.weights, conversion.plan, conversion.quantized};
}

std::shared_ptr<const snn::SpikingModel> spiking_model(const snn::NetworkParts& parts, snn::EngineKind engine) {
  return spiking_model(parts.config, *parts.weights, parts.plan, engine, parts.quantized);
}

std::shared_ptr<const snn::SpikingModel> spiking_model(const model::TransformerConfig& config,
                                                       const model::TransformerWeights& weights, const snn::Plan& plan,
                                                       snn::EngineKind engine, const snn::QuantizedWeights& quantized) {
  return std::make_shared<snn::SpikingModel>(
      std::make_shared<snn::SpikingTransformer>(config, weights, plan, snn::make_engine(engine), quantized));
}

void record_quality(Conversion& conversion, QualityRecord quality) {
  if (quality.condition != Condition::alive) conversion.warnings.push_back(quality.verdict);
  conversion.quality = std::move(quality);
}

void finish(Conversion& conversion, Stages& stages) {
  stages.begin("measuring spikes");
  conversion.measured = measure(parts_of(conversion), stages);
  require_full_coverage(conversion.measured);
  warn_of_surplus(conversion);
  warn_of_options(conversion);
  warn_of_silence(conversion);
}

Conversion convert(const io::Checkpoint& checkpoint, const ConversionOptions& options, const Progress& progress,
                   const CalibrationRequest& calibration) {
  Stages stages(progress);
  require_valid(options);
  Conversion conversion;
  conversion.source = checkpoint;
  conversion.options = resolved(options);
  const model::TransformerConfig source_config = model::parse_config(checkpoint.config);
  conversion.options.activation = settled(options.activation, source_config);
  conversion.config = apply(options, source_config);
  stages.begin("checking the tokenizer");
  conversion.warnings = text_warnings(checkpoint, conversion.config.vocab_size);
  stages.begin("reading weights");
  model::LoadedWeights loaded = model::load_weights(source_config, *checkpoint.tensors);
  conversion.used = std::move(loaded.used);
  conversion.surplus = std::move(loaded.surplus);
  conversion.weights = std::make_shared<const model::TransformerWeights>(std::move(loaded.weights));
  const SourceModel source{source_config, conversion.weights};
  conversion.speaker = std::make_shared<const Speaker>(source_config, conversion.weights);
  add_dense_step(conversion, "source", source_config, conversion.weights);
  stages.begin("hashing the source");
  conversion.source_sha256 = io::checkpoint_sha256(checkpoint);
  conversion.origin = {checkpoint.name, recorded_path(checkpoint.folder), conversion.source_sha256};
  conversion.plan = make_plan(conversion.options, conversion.config, *conversion.weights);
  const std::optional<PlainTwin> twin = prepare_with_text(conversion, source, calibration, stages);
  const model::Texts scaling = scale_samples(conversion, calibration, stages);
  conversion.speaker->rest();  // before the int8 weights take as much memory
  settle(conversion, source, twin, calibration, stages);
  add_spiking_step(conversion, conversion.options.goal ? "spikes, chosen codes" : "spikes");
  if (!scaling.empty()) {
    stages.begin("scaling logits");
    scale_logits(conversion, scaling);
  }
  finish(conversion, stages);
  conversion.times = stages.finish();
  return conversion;
}

void require_no_fallbacks(const std::vector<std::string>& fallbacks) {
  if (fallbacks.empty()) return;
  std::string lines;
  for (const std::string& fallback : fallbacks) lines += "\n       - " + fallback;
  throw Error("strict: not everything was done as asked:" + lines,
              "ask for what can be done, or leave out --strict to take it as it is");
}

}  // namespace stac::convert
