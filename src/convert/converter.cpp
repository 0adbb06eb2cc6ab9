#include "stac/convert/converter.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>

#include "convert/source_text.hpp"
#include "stac/convert/planning.hpp"
#include "stac/convert/quantization.hpp"
#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/model/dense_model.hpp"

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

Measurement measure(const snn::SpikingModel& network) {
  const std::vector<std::int64_t> ids = random_ids(network.config());
  const auto sequence = network.start_spiking();
  const at::Tensor logits = sequence->append(ids, model::LogitRows::all);
  if (!at::isfinite(logits).all().item<bool>()) {
    throw Error("the converted network's logits are not finite", "the checkpoint's weights overflow f32");
  }
  const snn::Ledger& ledger = sequence->ledger();
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

// As many as the figures of docs/theory.md, "Activation swap", took, and twice as many as the refit has unknowns in a
// row; an eighth of them judges.
std::int64_t tokens_for_repair(const model::TransformerConfig& config) {
  return std::max<std::int64_t>(4096, 2 * config.intermediate_size) * 8 / 7;
}

constexpr std::int64_t kSamplesForThresholds = 10;

std::int64_t tokens_for_thresholds(const CalibrationRequest& request) {
  return request.length * (request.samples ? 2 : kSamplesForThresholds);
}

bool is_swapped(const Conversion& conversion, const model::TransformerConfig& source) {
  return conversion.config.activation != source.activation;
}

// The source speaks for itself: sampled with its own activation, in eight bits and eight timesteps, whatever the
// options say.
std::shared_ptr<const snn::SpikingModel> speaker_of(const model::TransformerConfig& source,
                                                    const model::TransformerWeights& weights) {
  const snn::Plan plan = make_plan(resolved({}), source, weights);
  return spiking_model(source, weights, plan, snn::EngineKind::fused, quantize(weights, plan));
}

CalibrationText text_for(const Conversion& conversion, const model::TransformerConfig& source,
                         const CalibrationRequest& request) {
  const std::int64_t least =
      is_swapped(conversion, source) ? tokens_for_repair(source) : tokens_for_thresholds(request);
  CalibrationRequest own = request;
  own.reserve = conversion.options.goal.has_value();
  return calibration_text(own, conversion.source, *speaker_of(source, *conversion.weights), least);
}

constexpr std::int64_t kAllocationSamples = 12;

/// What nothing was fitted on: samples with a seed of their own, and the end of a file, the bundled one where none is
/// given.
std::vector<CalibrationText> allocation_texts(Conversion& conversion, const model::TransformerConfig& source,
                                              const model::TransformerWeights& weights,
                                              const CalibrationRequest& request) {
  const std::int64_t length = std::min(request.length, source.max_positions);
  std::vector<CalibrationText> texts{
      {"self-generated", sample_texts(*speaker_of(source, weights), kAllocationSamples, length, request.seed + 1), {}}};
  try {
    const std::filesystem::path file = request.file ? *request.file : io::find_data("configs/text/calibration.txt");
    texts.push_back({file.filename().string(), reserved_samples(file, conversion.source, length), {}});
  } catch (const Error& error) {
    if (request.file) throw;
    conversion.fallbacks.push_back(std::string("codes are chosen on self-generated text alone: ") + error.what());
  }
  return texts;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

template <typename Stage>
void work_with_text(Conversion& conversion, const model::TransformerConfig& source, const CalibrationRequest& request,
                    const Stage& stage) {
  stage("taking calibration text");
  const CalibrationText text = text_for(conversion, source, request);
  Preparation prepared =
      prepare(source, conversion.config, *conversion.weights, conversion.options, conversion.plan, text,
              [&](std::int64_t layer) {
                stage("preparing layer " + std::to_string(layer + 1) + " of " + std::to_string(source.layers));
              });
  append(conversion.fallbacks, text.fallbacks);
  append(conversion.fallbacks, prepared.fallbacks);
  conversion.plan = std::move(prepared.plan);
  conversion.quantized = std::move(prepared.quantized);
  conversion.weights = std::make_shared<const model::TransformerWeights>(std::move(prepared.weights));
  if (needs_calibration(conversion.options)) {
    conversion.calibration = ThresholdRecord{text.origin, text.tokens(), std::move(prepared.calibrated)};
  }
  if (!is_swapped(conversion, source)) return;
  conversion.swap = SwapRecord{text.origin, text.tokens(), std::move(prepared.repairs)};
  for (std::int64_t layer = 0; layer < source.layers; ++layer) {
    const auto stored = model::stored_down_projection(source, *conversion.source.tensors, layer,
                                                      conversion.weights->blocks[layer].down);
    conversion.changed.insert(conversion.changed.end(), stored.begin(), stored.end());
  }
}

void quantize_weights(Conversion& conversion) {
  if (conversion.options.quantize != QuantizeChoice::int8) return;
  if (conversion.quantized.empty()) conversion.quantized = quantize(*conversion.weights, conversion.plan);
  conversion.weights = std::make_shared<const model::TransformerWeights>(
      dequantized(conversion.quantized, conversion.plan, conversion.config, *conversion.weights));
}

void allocate_codes(Conversion& conversion, const model::TransformerConfig& source,
                    const model::TransformerWeights& source_weights, const CalibrationRequest& request,
                    const Progress& progress) {
  if (progress) progress("sampling text for the choice of codes");
  const std::vector<CalibrationText> texts = allocation_texts(conversion, source, source_weights, request);
  const model::DenseModel dense(source, source_weights);
  Allocation allocation = allocate(dense, {conversion.config, *conversion.weights, conversion.quantized},
                                   conversion.plan, *conversion.options.goal, texts, progress);
  append(conversion.fallbacks, allocation.fallbacks);
  conversion.plan = std::move(allocation.plan);
  conversion.allocation = std::move(allocation.record);
}

}  // namespace

std::shared_ptr<const snn::SpikingModel> spiking_model(const model::TransformerConfig& config,
                                                       const model::TransformerWeights& weights, const snn::Plan& plan,
                                                       snn::EngineKind engine, const snn::QuantizedWeights& quantized) {
  return std::make_shared<snn::SpikingModel>(
      std::make_shared<snn::SpikingTransformer>(config, weights, plan, snn::make_engine(engine), quantized));
}

Conversion convert(const io::Checkpoint& checkpoint, const ConversionOptions& options, const Progress& progress,
                   const CalibrationRequest& calibration) {
  const auto stage = [&](std::string_view name) {
    if (progress) progress(name);
  };
  require_valid(options);
  Conversion conversion;
  conversion.source = checkpoint;
  conversion.options = resolved(options);
  const model::TransformerConfig source_config = model::parse_config(checkpoint.config);
  conversion.options.activation = settled(options.activation, source_config);
  conversion.config = apply(options, source_config);
  stage("checking the tokenizer");
  conversion.warnings = text_warnings(checkpoint, conversion.config.vocab_size);
  stage("reading weights");
  model::LoadedWeights loaded = model::load_weights(source_config, *checkpoint.tensors);
  conversion.used = std::move(loaded.used);
  conversion.surplus = std::move(loaded.surplus);
  conversion.weights = std::make_shared<const model::TransformerWeights>(std::move(loaded.weights));
  const auto source_weights = conversion.weights;
  stage("hashing the source");
  conversion.source_sha256 = io::checkpoint_sha256(checkpoint);
  conversion.plan = make_plan(conversion.options, conversion.config, *conversion.weights);
  if (is_swapped(conversion, source_config) || needs_calibration(conversion.options)) {
    work_with_text(conversion, source_config, calibration, stage);
  }
  quantize_weights(conversion);
  if (conversion.options.goal) allocate_codes(conversion, source_config, *source_weights, calibration, progress);
  stage("building the spiking network");
  conversion.network = spiking_model(conversion.config, *conversion.weights, conversion.plan, snn::EngineKind::fused,
                                     conversion.quantized);
  stage("measuring spikes");
  conversion.measured = measure(*conversion.network);
  require_full_coverage(conversion.measured);
  warn_of_surplus(conversion);
  warn_of_options(conversion);
  warn_of_silence(conversion);
  return conversion;
}

}  // namespace stac::convert
