#include "stac/convert/calibration_text.hpp"

#include <algorithm>

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"
#include "stac/model/random.hpp"
#include "stac/model/token_draw.hpp"
#include "stac/text/tokenizer.hpp"

namespace stac::convert {
namespace {

constexpr std::int64_t kSideBySide = 32;  // sequences sampled in one forward
constexpr std::size_t kMostReserved = 12;
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30U;

using Samples = std::vector<std::vector<std::int64_t>>;

std::int64_t first_id(const model::TransformerConfig& config, std::uint64_t seed, std::int64_t sample) {
  if (config.bos_token_id) return *config.bos_token_id;
  if (!config.eos_token_ids.empty()) return config.eos_token_ids.front();
  const double random = model::uniform(seed, static_cast<std::uint64_t>(sample) << 32U);
  return static_cast<std::int64_t>(random * static_cast<double>(config.vocab_size));
}

/// Continues the samples from `first` on, side by side, to `length` tokens.
void continue_together(const snn::SpikingTransformer& network, std::span<std::vector<std::int64_t>> samples,
                       std::int64_t first, std::int64_t length, std::uint64_t seed) {
  std::vector<snn::SequenceState> states;
  for (std::size_t i = 0; i < samples.size(); ++i) states.push_back(network.new_state());
  snn::Ledger ledger(network.config().layers);
  for (std::int64_t position = 1; position < length; ++position) {
    std::vector<snn::SequenceInput> inputs;
    for (std::size_t i = 0; i < samples.size(); ++i) inputs.push_back({std::span(samples[i]).last(1), &states[i]});
    const at::Tensor logits = network.forward(inputs, model::LogitRows::last, ledger);
    const auto vocab = static_cast<std::size_t>(network.config().vocab_size);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto counter = static_cast<std::uint64_t>(first) + i;
      const double random = model::uniform(seed, (counter << 32U) + static_cast<std::uint64_t>(position));
      samples[i].push_back(model::draw({logits.data_ptr<float>() + i * vocab, vocab}, random));
    }
  }
}

Samples stretches(const std::filesystem::path& file, const io::Checkpoint& checkpoint, std::int64_t length) {
  const std::string text = io::read_text_file(file, kLargestFile);
  const std::vector<std::int64_t> ids = text::load_tokenizer(checkpoint.folder)->encode(text);
  Samples samples;
  for (auto at = ids.begin(); ids.end() - at >= length; at += length) samples.emplace_back(at, at + length);
  if (!samples.empty()) return samples;
  throw Error(file.string() + ": has " + std::to_string(ids.size()) + " tokens, less than one sample of " +
                  std::to_string(length),
              "take a longer text or a smaller --calibration-length");
}

std::size_t reserved_count(const Samples& samples) { return std::min<std::size_t>(kMostReserved, samples.size() / 4); }

Samples read_file(const CalibrationRequest& request, const io::Checkpoint& checkpoint, std::int64_t length) {
  Samples samples = stretches(*request.file, checkpoint, length);
  if (request.reserve) samples.resize(samples.size() - reserved_count(samples));
  if (request.samples) samples.resize(std::min(samples.size(), static_cast<std::size_t>(*request.samples)));
  return samples;
}

void require_valid(const CalibrationRequest& request) {
  if (request.length < 2) throw UsageError("calibration-length: a sample needs at least 2 tokens");
  if (request.samples && *request.samples < 1) throw UsageError("calibration-samples: at least 1 sample is needed");
}

}  // namespace

std::int64_t CalibrationText::tokens() const {
  std::int64_t count = 0;
  for (const auto& sample : samples) count += static_cast<std::int64_t>(sample.size());
  return count;
}

std::vector<std::vector<std::int64_t>> sample_texts(const snn::SpikingModel& network, std::int64_t count,
                                                    std::int64_t length, std::uint64_t seed) {
  Samples samples(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) samples[i].push_back(first_id(network.config(), seed, i));
  for (std::int64_t first = 0; first < count; first += kSideBySide) {
    const auto part = static_cast<std::size_t>(std::min(kSideBySide, count - first));
    continue_together(network.network(), std::span(samples).subspan(first, part), first, length, seed);
  }
  return samples;
}

std::vector<std::vector<std::int64_t>> reserved_samples(const std::filesystem::path& file,
                                                        const io::Checkpoint& checkpoint, std::int64_t length) {
  Samples samples = stretches(file, checkpoint, length);
  const std::size_t count = reserved_count(samples);
  if (count == 0) {
    throw Error(file.string() + ": has less than four samples of " + std::to_string(length) + " tokens",
                "take a longer text or a smaller --calibration-length");
  }
  return {samples.end() - static_cast<std::ptrdiff_t>(count), samples.end()};
}

CalibrationText calibration_text(const CalibrationRequest& request, const io::Checkpoint& checkpoint,
                                 const snn::SpikingModel& network, std::int64_t least_tokens) {
  require_valid(request);
  const std::int64_t length = std::min(request.length, network.config().max_positions);
  CalibrationText text{"self-generated", {}, {}};
  if (length < request.length) {
    text.fallbacks.push_back("calibration samples have " + std::to_string(length) + " tokens, not " +
                             std::to_string(request.length) + ": the model has no more positions");
  }
  std::int64_t missing = (least_tokens + length - 1) / length;
  if (request.samples && *request.samples < missing) {
    text.fallbacks.push_back("calibration takes " + std::to_string(missing) + " samples of " + std::to_string(length) +
                             " tokens, not " + std::to_string(*request.samples) + ": this conversion needs " +
                             std::to_string(least_tokens) + " tokens");
  }
  if (request.file) {
    text.origin = request.file->filename().string();
    text.samples = read_file(request, checkpoint, length);
    missing -= static_cast<std::int64_t>(text.samples.size());
  } else {
    missing = std::max(missing, request.samples.value_or(0));
  }
  if (missing <= 0) return text;
  if (request.file) {
    text.origin += ", topped up with self-generated text";
    text.fallbacks.push_back(text.origin + ": it has " + std::to_string(text.tokens()) + " tokens, and " +
                             std::to_string(least_tokens) + " are needed");
  }
  Samples own = sample_texts(network, missing, length, request.seed);
  text.samples.insert(text.samples.end(), own.begin(), own.end());
  return text;
}

}  // namespace stac::convert
