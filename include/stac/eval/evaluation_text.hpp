// A text file as the windows on which a model is evaluated.
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/token_windows.hpp"

namespace stac::eval {

struct TextPlan {
  std::filesystem::path file;
  std::int64_t context = 256;
  std::optional<std::int64_t> windows;  ///< at most
  BosChoice bos = BosChoice::automatic;
};

/// What it takes to read a text as a model reads it. All borrowed.
struct TextReader {
  const std::string& name;  ///< the model's
  const text::Tokenizer& tokenizer;
  const text::TokenizerConfig& tokenizer_config;
  const nlohmann::json& config_json;
  const model::TransformerConfig& config;
};

/// @throws stac::UsageError  a context beyond the model's positions
void require_context(const TextPlan& plan, const model::TransformerConfig& config);

/// Tokenizes the file whole and cuts it.
/// @throws stac::UsageError  a context beyond the model's positions; BOS wanted where the model has none
/// @throws stac::Error       the file cannot be read or is too short; no tokenizer
[[nodiscard]] TokenWindows read_windows(const convert::OpenedModel& model, const TextPlan& plan);
[[nodiscard]] TokenWindows read_windows(const TextReader& reader, const TextPlan& plan);

/// Stories that stac-tiny was not trained on, which come with STAC. @throws stac::Error  not found
[[nodiscard]] std::filesystem::path bundled_evaluation_text();

/// Windows of uniformly random ids of the model's vocabulary, for models without a tokenizer; a function of the seed.
[[nodiscard]] TokenWindows random_windows(std::int64_t vocab_size, std::int64_t context, std::int64_t windows,
                                          std::uint64_t seed);

}  // namespace stac::eval
