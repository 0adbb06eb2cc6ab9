// A text file as the windows on which a model is evaluated.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/token_windows.hpp"

namespace stac::eval {

struct TextPlan {
  std::filesystem::path file;
  std::int64_t context = 256;
  std::optional<std::int64_t> windows;  ///< at most
  BosChoice bos = BosChoice::automatic;
};

/// Tokenizes the file whole and cuts it.
/// @throws stac::UsageError  a context beyond the model's positions; BOS wanted where the model has none
/// @throws stac::Error       the file cannot be read or is too short; no tokenizer
[[nodiscard]] TokenWindows read_windows(const convert::OpenedModel& model, const TextPlan& plan);

/// Stories that stac-tiny was not trained on, which come with STAC. @throws stac::Error  not found
[[nodiscard]] std::filesystem::path bundled_evaluation_text();

/// Windows of uniformly random ids of the model's vocabulary, for models without a tokenizer; a function of the seed.
[[nodiscard]] TokenWindows random_windows(std::int64_t vocab_size, std::int64_t context, std::int64_t windows,
                                          std::uint64_t seed);

}  // namespace stac::eval
