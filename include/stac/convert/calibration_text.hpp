// Texts on which a conversion watches activations: from a file, or sampled by the model itself, which needs none.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stac/io/checkpoint.hpp"
#include "stac/snn/spiking_model.hpp"

namespace stac::convert {

struct CalibrationRequest {
  std::optional<std::filesystem::path> file = {};  ///< none: the model samples its own text
  std::optional<std::int64_t> samples = {};        ///< none: as many as the work needs
  std::int64_t length = 128;                       ///< tokens of a sample, at most the model's positions
  std::uint64_t seed = 0;
  bool reserve = false;       ///< reserved_samples() of the file are left to others
  bool scale_logits = false;  ///< fit the logits' magnitude (logit_scale.hpp), on samples of the model's own
};

struct TextSamples {
  std::string origin;                              ///< "self-generated", or a file's name
  std::vector<std::vector<std::int64_t>> samples;  ///< token ids
  bool own = false;                                ///< drawn from what the source itself expects
};

struct CalibrationText {
  std::string origin;                                     ///< "self-generated", or the file's name, or both
  std::vector<std::vector<std::int64_t>> samples;         ///< of one length each
  std::vector<std::string> fallbacks;                     ///< one sentence each
  std::vector<std::vector<std::int64_t>> witnesses = {};  ///< self-generated; none where `samples` are too
  std::vector<TextSamples> set_aside = {};                ///< of each kind of text that there is, no part of the others

  [[nodiscard]] std::int64_t tokens() const;
};

/// What a conversion wants of its text.
struct CalibrationNeed {
  std::int64_t tokens = 0;       ///< in `samples`, at least
  bool own_beside_file = false;  ///< some self-generated samples among them, whatever the file holds
  bool set_aside = false;        ///< four samples of each kind of text
};

/// Told how far sampling is. May be empty.
using SamplingProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// Samples at temperature 1, each after the model's BOS (EOS, or a random id, where it has none). The network computes
/// the same whatever the threads and batches, so the text is a function of weights, seed and sizes.
[[nodiscard]] std::vector<std::vector<std::int64_t>> sample_texts(const snn::SpikingModel& network, std::int64_t count,
                                                                  std::int64_t length, std::uint64_t seed,
                                                                  const SamplingProgress& progress = {});

/// The last stretches of a file: a quarter of them, twelve at most.
/// @throws stac::Error  the file cannot be read, or has less than four stretches; no tokenizer
[[nodiscard]] std::vector<std::vector<std::int64_t>> reserved_samples(const std::filesystem::path& file,
                                                                      const io::Checkpoint& checkpoint,
                                                                      std::int64_t length);

/// "configs/text/calibration.txt": what --calibration bundled means. @throws stac::Error  it is not there
[[nodiscard]] std::filesystem::path bundled_calibration_text();

/// The first `samples` stretches of the file, topped up with self-generated ones (a fallback, said so) until there are
/// as many tokens as are needed. Witnesses and what is set aside are sampled with the rest; of the file its last
/// stretches are set aside, a quarter of it at most.
/// @param checkpoint  whose tokenizer reads the file
/// @param network     samples what is missing
/// @throws stac::UsageError  a length or count out of range
/// @throws stac::Error       the file cannot be read, or holds less than one sample; no tokenizer
[[nodiscard]] CalibrationText calibration_text(const CalibrationRequest& request, const io::Checkpoint& checkpoint,
                                               const snn::SpikingModel& network, const CalibrationNeed& need,
                                               const SamplingProgress& progress = {});

}  // namespace stac::convert
