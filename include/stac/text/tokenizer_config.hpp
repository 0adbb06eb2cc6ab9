// What tokenizer_config.json and its neighbours say beside the vocabulary: special tokens, BOS, chat templates.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace stac::text {

struct TokenizerConfig {
  /// Named special tokens as text: "bos_token", "eos_token", "unk_token", "pad_token", ... A chat template sees them
  /// all.
  std::map<std::string, std::string> special_tokens;
  std::optional<bool> add_bos_token;     ///< not given: the reader decides by the kind of tokenizer
  std::optional<bool> add_prefix_space;  ///< a blank before the first word (vocab.json + merges.txt only)
  /// Chat templates by name; a lone one is "default". chat_template.jinja goes before tokenizer_config.json.
  std::map<std::string, std::string> chat_templates;

  [[nodiscard]] std::optional<std::string> bos_token() const;
  [[nodiscard]] std::optional<std::string> eos_token() const;
};

/// Reads tokenizer_config.json, special_tokens_map.json and chat_template.jinja, each if present.
/// @throws stac::Error naming file and field: not JSON, a field of the wrong type
[[nodiscard]] TokenizerConfig load_tokenizer_config(const std::filesystem::path& folder);

}  // namespace stac::text
