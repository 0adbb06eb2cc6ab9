// The windows of a text on which models are evaluated; docs/evaluation.md defines them for everyone.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stac/text/tokenizer.hpp"
#include "stac/text/tokenizer_config.hpp"

namespace stac::eval {

enum class BosChoice { automatic, yes, no };

/// Whether a window begins with BOS: the user's choice, else add_bos_token of tokenizer_config.json, else yes for
/// sentencepiece models of Llama type and no for others.
/// @param model_type  of config.json
[[nodiscard]] bool windows_begin_with_bos(BosChoice choice, const text::TokenizerConfig& config,
                                          text::TokenizerKind kind, const std::string& model_type);

struct WindowPlan {
  std::int64_t context = 256;        ///< N, tokens of a window with its BOS; at least 2
  std::optional<std::int64_t> most;  ///< M windows at most
  std::optional<std::int64_t> bos;   ///< every window's first token
};

struct TokenWindows {
  std::int64_t context = 0;
  bool bos = false;
  std::vector<std::vector<std::int64_t>> windows;  ///< each of `context` ids
};

/// Non-overlapping windows from the start of the text: N ids each, or N - 1 behind the BOS; a last short one is
/// dropped.
/// @throws stac::UsageError  context below 2, `most` below 1
/// @throws stac::Error       the text is shorter than one window
[[nodiscard]] TokenWindows cut_windows(std::span<const std::int64_t> ids, const WindowPlan& plan);

}  // namespace stac::eval
