#include "convert/text_steps.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "convert/calibration_check.hpp"
#include "convert/pipeline_steps.hpp"
#include "stac/convert/planning.hpp"
#include "stac/convert/quantization.hpp"
#include "stac/error.hpp"
#include "stac/model/dense_pass.hpp"

namespace stac::convert {
namespace {

// As many as the figures of docs/theory.md, "Activation swap", took, and twice as many as the refit has unknowns in a
// row; an eighth of them judges.
std::int64_t tokens_for_repair(const model::TransformerConfig& config) {
  return std::max<std::int64_t>(4096, 2 * config.intermediate_size) * 8 / 7;
}

constexpr std::int64_t kSamplesForThresholds = 10;

std::int64_t tokens_for_thresholds(const CalibrationRequest& request) {
  return request.length * (request.samples ? 2 : kSamplesForThresholds);
}

bool is_swapped(const Conversion& conversion, const SourceModel& source) {
  return conversion.config.activation != source.config.activation;
}

void tell_layer(const Stages& stages, const std::string& what, std::int64_t layer, std::int64_t layers) {
  stages.tell(what + " layer " + std::to_string(layer + 1) + " of " + std::to_string(layers), layer, layers);
}

bool is_compensated(const Conversion& conversion) { return conversion.options.rounding == RoundingChoice::compensated; }

CalibrationText text_for(const Conversion& conversion, const SourceModel& source, const CalibrationRequest& request,
                         const Stages& stages) {
  const bool many = is_swapped(conversion, source) || is_compensated(conversion);
  const CalibrationNeed need{.tokens = many ? tokens_for_repair(source.config) : tokens_for_thresholds(request),
                             .own_beside_file = conversion.options.threshold == ThresholdChoice::fixed,
                             .set_aside = needs_calibration(conversion.options)};
  CalibrationRequest own = request;
  own.reserve = conversion.options.goal.has_value();
  return calibration_text(own, conversion.source, conversion.speaker->network(), need,
                          [&](std::int64_t done, std::int64_t total) { stages.tell("sampling text", done, total); });
}

constexpr std::int64_t kAllocationSamples = 12;
constexpr std::int64_t kMostLogits = std::int64_t{1} << 26;  // of the source, which the choice of codes keeps of a file

/// The last samples, as many as their logits allow, twelve at least.
std::vector<std::vector<std::int64_t>> affordable(std::vector<std::vector<std::int64_t>> samples, std::int64_t length,
                                                  std::int64_t vocabulary) {
  const std::int64_t most = std::max(kAllocationSamples, kMostLogits / (length * vocabulary));
  const auto surplus = static_cast<std::int64_t>(samples.size()) - most;
  if (surplus > 0) samples.erase(samples.begin(), samples.begin() + surplus);
  return samples;
}

/// What nothing was fitted on: samples with a seed of their own, and the end of a file, the bundled one where none is
/// given.
std::vector<TextSamples> allocation_texts(const Conversion& conversion, const SourceModel& source,
                                          const CalibrationRequest& request, std::vector<std::string>& fallbacks) {
  const std::int64_t length = std::min(request.length, source.config.max_positions);
  std::vector<TextSamples> texts{
      {"self-generated", conversion.speaker->samples(OwnText::allocation, kAllocationSamples, length, request.seed),
       true}};
  try {
    const std::filesystem::path file = request.file ? *request.file : bundled_calibration_text();
    texts.push_back({file.filename().string(),
                     affordable(reserved_samples(file, conversion.source, length), length, source.config.vocab_size),
                     false});
  } catch (const Error& error) {
    if (request.file) throw;
    fallbacks.push_back(std::string("codes are chosen on self-generated text alone: ") + error.what());
  }
  return texts;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::shared_ptr<const model::TransformerWeights> with_down_projections(model::TransformerWeights weights,
                                                                       const std::vector<model::Projection>& down) {
  for (std::size_t layer = 0; layer < down.size(); ++layer) {
    weights.blocks.replace_down(static_cast<std::int64_t>(layer), down[layer]);
  }
  return std::make_shared<const model::TransformerWeights>(std::move(weights));
}

void record_swap(Conversion& conversion, const SourceModel& source, const CalibrationText& text,
                 Preparation& prepared) {
  const model::TransformerConfig& config = conversion.config;
  add_dense_step(conversion, "swap alone", config, source.weights);
  add_dense_step(conversion, "mean folded", config, with_down_projections(*source.weights, prepared.folded));
  add_dense_step(conversion, "refitted", config, conversion.weights);
  conversion.swap = SwapRecord{text.origin, text.tokens(), std::move(prepared.repairs)};
  for (std::int64_t layer = 0; layer < source.config.layers; ++layer) {
    const auto stored = model::stored_down_projection(source.config, *conversion.source.tensors, layer,
                                                      conversion.weights->blocks[layer].down);
    conversion.changed.insert(conversion.changed.end(), stored.begin(), stored.end());
  }
}

void quantize_weights(Conversion& conversion, const Stages& stages) {
  if (conversion.options.quantize != QuantizeChoice::int8) return;
  if (conversion.quantized.empty()) {
    conversion.quantized = quantize(*conversion.weights, conversion.plan, [&](std::int64_t layer) {
      tell_layer(stages, "quantizing", layer, conversion.config.layers);
    });
  }
  conversion.weights = std::make_shared<const model::TransformerWeights>(
      dequantized(conversion.quantized, conversion.plan, conversion.config, *conversion.weights));
}

model::TextReader source_reader(const Conversion& conversion) {
  const DenseStep& source = conversion.pipeline.dense.front();
  return model::reader_of(source.config, source.weights);
}

struct AllocationTexts {
  std::vector<TextSamples> texts;
  std::vector<std::string> fallbacks;
};

/// Empty where no codes are to be chosen.
AllocationTexts sampled_for_codes(const Conversion& conversion, const SourceModel& source,
                                  const CalibrationRequest& request, Stages& stages) {
  if (!conversion.options.goal) return {};
  stages.begin("sampling text for the choice of codes");
  AllocationTexts sampled;
  sampled.texts = allocation_texts(conversion, source, request, sampled.fallbacks);
  conversion.speaker->rest();
  return sampled;
}

/// @return  fallbacks
std::vector<std::string> allocate_codes(Conversion& conversion, const AllocationTexts& sampled, Stages& stages) {
  if (!conversion.options.goal) return {};
  stages.begin("choosing codes");
  conversion.pipeline.spiking.clear();  // of thresholds that were given up
  add_spiking_step(conversion, "spikes, finest codes");
  Allocation allocation = allocate(source_reader(conversion), parts_of(conversion), *conversion.options.goal,
                                   sampled.texts, [&](std::string_view detail, std::int64_t done, std::int64_t total) {
                                     stages.tell(std::string(detail), done, total);
                                   });
  std::vector<std::string> fallbacks = sampled.fallbacks;
  append(fallbacks, allocation.fallbacks);
  conversion.plan = std::move(allocation.plan);
  conversion.allocation = std::move(allocation.record);
  return fallbacks;
}

void take_plain(Conversion& conversion, const PlainTwin& twin, const Stages& stages) {
  conversion.weights = twin.weights;
  conversion.plan = twin.plan;
  conversion.quantized = {};
  quantize_weights(conversion, stages);
}

/// Compares at the codes that were chosen.
/// @return  whether the calibrated thresholds stay
bool holds_against(const PlainTwin& twin, Conversion& conversion, const Stages& stages) {
  Conversion plain = conversion;
  take_plain(plain, twin, stages);
  if (conversion.allocation) plain.plan = with_codes(std::move(plain.plan), *conversion.allocation);
  ThresholdRecord& record = *conversion.calibration;
  record.verified = verify(source_reader(conversion), snn::reader_of(parts_of(plain)),
                           snn::reader_of(parts_of(conversion)), twin.texts);
  const Verification* const harm = worst_harm(record.verified);
  if (harm == nullptr) return true;
  conversion.fallbacks.push_back(
      "calibrated thresholds leave the network further from its source than plain ones on text that nothing was fitted "
      "to (" +
      harm->text + ", KL " + std::to_string(harm->calibrated) + " instead of " + std::to_string(harm->plain) +
      "); kept: plain ones everywhere" + (is_compensated(conversion) ? ", weights rounded to nearest" : ""));
  record = given_up(std::move(record));
  return false;
}

}  // namespace

std::optional<PlainTwin> prepare_with_text(Conversion& conversion, const SourceModel& source,
                                           const CalibrationRequest& request, Stages& stages) {
  const bool calibrates = needs_calibration(conversion.options), swaps = is_swapped(conversion, source);
  if (!calibrates && !swaps && !is_compensated(conversion)) return std::nullopt;
  stages.begin("taking calibration text");
  CalibrationText text = text_for(conversion, source, request, stages);
  stages.begin("preparing layers");
  Preparation prepared =
      prepare(source.config, conversion.config, *conversion.weights, conversion.options, conversion.plan, text,
              [&](std::int64_t layer) { tell_layer(stages, "preparing", layer, source.config.layers); });
  append(conversion.fallbacks, text.fallbacks);
  append(conversion.fallbacks, prepared.fallbacks);
  conversion.plan = std::move(prepared.plan);
  conversion.quantized = std::move(prepared.quantized);
  conversion.weights = std::make_shared<const model::TransformerWeights>(std::move(prepared.weights));
  if (swaps) record_swap(conversion, source, text, prepared);
  if (!calibrates) return std::nullopt;
  conversion.calibration = ThresholdRecord{text.origin, text.tokens(), std::move(prepared.calibrated), {}};
  return PlainTwin{conversion.weights, std::move(prepared.plain), std::move(text.set_aside)};
}

void settle(Conversion& conversion, const SourceModel& source, const std::optional<PlainTwin>& twin,
            const CalibrationRequest& request, Stages& stages) {
  const bool integers = conversion.options.quantize == QuantizeChoice::int8;
  const AllocationTexts sampled = sampled_for_codes(conversion, source, request, stages);
  if (integers) stages.begin("quantizing weights");
  quantize_weights(conversion, stages);
  std::vector<std::string> fallbacks = allocate_codes(conversion, sampled, stages);
  if (twin) {
    stages.begin("comparing calibrated thresholds with plain ones");
    if (!holds_against(*twin, conversion, stages)) {
      take_plain(conversion, *twin, stages);
      fallbacks = allocate_codes(conversion, sampled, stages);
    }
  }
  if (integers) add_dense_step(conversion, "int8", conversion.config, conversion.weights);
  append(conversion.fallbacks, fallbacks);
}

}  // namespace stac::convert
