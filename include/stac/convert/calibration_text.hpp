// Texts on which a conversion watches activations: from a file, or sampled by the model itself, which needs none.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stac/io/checkpoint.hpp"
#include "stac/snn/spiking_model.hpp"

namespace stac::convert {

struct CalibrationRequest {
  std::optional<std::filesystem::path> file;  ///< none: the model samples its own text
  std::optional<std::int64_t> samples;        ///< none: as many as the work needs
  std::int64_t length = 128;                  ///< tokens of a sample, at most the model's positions
  std::uint64_t seed = 0;
  bool reserve = false;       ///< reserved_samples() of the file are left to others
  bool scale_logits = false;  ///< fit the logits' magnitude (logit_scale.hpp), on samples of the model's own
};

struct CalibrationText {
  std::string origin;                              ///< "self-generated", or the file's name, or both
  std::vector<std::vector<std::int64_t>> samples;  ///< of one length each
  std::vector<std::string> fallbacks;              ///< one sentence each

  [[nodiscard]] std::int64_t tokens() const;
};

/// Samples at temperature 1, each after the model's BOS (EOS, or a random id, where it has none). The network computes
/// the same whatever the threads and batches, so the text is a function of weights, seed and sizes.
[[nodiscard]] std::vector<std::vector<std::int64_t>> sample_texts(const snn::SpikingModel& network, std::int64_t count,
                                                                  std::int64_t length, std::uint64_t seed);

/// The last stretches of a file: a quarter of them, twelve at most.
/// @throws stac::Error  the file cannot be read, or has less than four stretches; no tokenizer
[[nodiscard]] std::vector<std::vector<std::int64_t>> reserved_samples(const std::filesystem::path& file,
                                                                      const io::Checkpoint& checkpoint,
                                                                      std::int64_t length);

/// The first `samples` stretches of the file, topped up with self-generated ones (a fallback, said so) until there are
/// at least `least_tokens`.
/// @param checkpoint  whose tokenizer reads the file
/// @param network     samples what is missing
/// @throws stac::UsageError  a length or count out of range
/// @throws stac::Error       the file cannot be read, or holds less than one sample; no tokenizer
[[nodiscard]] CalibrationText calibration_text(const CalibrationRequest& request, const io::Checkpoint& checkpoint,
                                               const snn::SpikingModel& network, std::int64_t least_tokens);

}  // namespace stac::convert
