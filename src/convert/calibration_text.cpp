#include "stac/convert/calibration_text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "snn/task_queue.hpp"
#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/io/json_file.hpp"
#include "stac/model/random.hpp"
#include "stac/model/token_draw.hpp"
#include "stac/text/tokenizer.hpp"

namespace stac::convert {
namespace {

constexpr std::int64_t kSideBySide = 64;  // sequences sampled in one forward
constexpr std::size_t kMostReserved = 48;
constexpr std::int64_t kSetAside = 4, kWitnesses = 2, kBesideFile = 4;  // samples
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
                       std::int64_t first, std::int64_t length, std::uint64_t seed,
                       const std::function<void(std::int64_t position)>& progress) {
  std::vector<snn::SequenceState> states;
  for (std::size_t i = 0; i < samples.size(); ++i) states.push_back(network.new_state());
  snn::Ledger ledger(network.config().layers);
  for (std::int64_t position = 1; position < length; ++position) {
    progress(position);
    std::vector<snn::SequenceInput> inputs;
    for (std::size_t i = 0; i < samples.size(); ++i) inputs.push_back({std::span(samples[i]).last(1), &states[i]});
    const at::Tensor logits = network.forward(inputs, model::LogitRows::last, ledger);
    const auto vocab = static_cast<std::size_t>(network.config().vocab_size);
    snn::for_each_task(static_cast<std::int64_t>(samples.size()), [&](std::int64_t i) {
      const auto counter = static_cast<std::uint64_t>(first + i);
      const double random = model::uniform(seed, (counter << 32U) + static_cast<std::uint64_t>(position));
      samples[i].push_back(model::draw({logits.data_ptr<float>() + i * vocab, vocab}, random));
    });
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

/// Takes the last `count` samples away.
Samples taken_off(Samples& samples, std::size_t count) {
  const auto first = samples.end() - static_cast<std::ptrdiff_t>(count);
  Samples taken(first, samples.end());
  samples.erase(first, samples.end());
  return taken;
}

/// What a file gives: samples to fit and judge with, and those that are set aside.
struct FileSamples {
  Samples calibrating, set_aside;
};

FileSamples read_file(const CalibrationRequest& request, const CalibrationNeed& need, const io::Checkpoint& checkpoint,
                      std::int64_t length) {
  FileSamples file{stretches(*request.file, checkpoint, length), {}};
  Samples& samples = file.calibrating;
  if (request.reserve) samples.resize(samples.size() - reserved_count(samples));
  if (need.set_aside) file.set_aside = taken_off(samples, std::min<std::size_t>(kSetAside, samples.size() / 4));
  if (request.samples) samples.resize(std::min(samples.size(), static_cast<std::size_t>(*request.samples)));
  return file;
}

void require_valid(const CalibrationRequest& request) {
  if (request.length < 2) throw UsageError("calibration-length: a sample needs at least 2 tokens");
  if (request.samples && *request.samples < 1) throw UsageError("calibration-samples: at least 1 sample is needed");
}

std::vector<std::string> size_fallbacks(const CalibrationRequest& request, std::int64_t tokens, std::int64_t needed,
                                        std::int64_t length) {
  std::vector<std::string> fallbacks;
  if (length < request.length) {
    fallbacks.push_back("calibration samples have " + std::to_string(length) + " tokens, not " +
                        std::to_string(request.length) + ": the model has no more positions");
  }
  if (request.samples && *request.samples < needed) {
    fallbacks.push_back("calibration takes " + std::to_string(needed) + " samples of " + std::to_string(length) +
                        " tokens, not " + std::to_string(*request.samples) + ": this conversion needs " +
                        std::to_string(tokens) + " tokens");
  }
  return fallbacks;
}

/// The file's part of the text.
/// @return  how many samples it is short of
std::int64_t take_file(CalibrationText& text, FileSamples file, const std::string& name, const CalibrationNeed& need,
                       std::int64_t needed) {
  text.origin = name;
  text.samples = std::move(file.calibrating);
  if (!file.set_aside.empty()) text.set_aside.push_back({name, std::move(file.set_aside)});
  const std::int64_t missing = needed - static_cast<std::int64_t>(text.samples.size());
  if (missing > 0) {
    text.origin += ", topped up with self-generated text";
    text.fallbacks.push_back(text.origin + ": it has " + std::to_string(text.tokens()) + " tokens, and " +
                             std::to_string(need.tokens) + " are needed");
  } else if (need.own_beside_file) {
    text.origin += " and self-generated text";
  }
  return std::max<std::int64_t>(missing, need.own_beside_file ? kBesideFile : 0);
}

}  // namespace

std::int64_t CalibrationText::tokens() const {
  std::int64_t count = 0;
  for (const auto& sample : samples) count += static_cast<std::int64_t>(sample.size());
  return count;
}

std::vector<std::vector<std::int64_t>> sample_texts(const snn::SpikingModel& network, std::int64_t count,
                                                    std::int64_t length, std::uint64_t seed,
                                                    const SamplingProgress& progress) {
  Samples samples(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) samples[i].push_back(first_id(network.config(), seed, i));
  for (std::int64_t first = 0; first < count; first += kSideBySide) {
    const auto part = static_cast<std::size_t>(std::min(kSideBySide, count - first));
    continue_together(network.network(), std::span(samples).subspan(first, part), first, length, seed,
                      [&](std::int64_t position) {
                        if (progress)
                          progress(first * length + static_cast<std::int64_t>(part) * position, count * length);
                      });
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

std::filesystem::path bundled_calibration_text() { return io::find_data("configs/text/calibration.txt"); }

CalibrationText calibration_text(const CalibrationRequest& request, const io::Checkpoint& checkpoint,
                                 const snn::SpikingModel& network, const CalibrationNeed& need,
                                 const SamplingProgress& progress) {
  require_valid(request);
  const std::int64_t length = std::min(request.length, network.config().max_positions);
  const std::int64_t needed = (need.tokens + length - 1) / length;
  CalibrationText text{"self-generated", {}, size_fallbacks(request, need.tokens, needed, length), {}, {}};
  std::int64_t own = std::max(needed, request.samples.value_or(0)), witnesses = 0;
  if (request.file) {
    own =
        take_file(text, read_file(request, need, checkpoint, length), request.file->filename().string(), need, needed);
    witnesses = kWitnesses;
  }
  const std::int64_t aside = need.set_aside ? kSetAside : 0;
  Samples sampled = sample_texts(network, own + witnesses + aside, length, request.seed, progress);
  if (aside > 0) text.set_aside.push_back({"self-generated", taken_off(sampled, aside)});
  text.witnesses = taken_off(sampled, witnesses);
  std::ranges::move(sampled, std::back_inserter(text.samples));
  return text;
}

}  // namespace stac::convert
