// Chat templates: a checkpoint's own Jinja, which writes a conversation as the text that its model was trained on.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "stac/text/tokenizer_config.hpp"

namespace stac::text {

struct Message {
  std::string role;  ///< "system", "user", "assistant", or what else the template knows
  std::string content;

  friend bool operator==(const Message&, const Message&) = default;
};

/// Rendering follows transformers' apply_chat_template: trim_blocks and lstrip_blocks, raise_exception, strftime_now,
/// its own tojson. Templates are untrusted: work, size and depth are bounded.
class ChatTemplate {
 public:
  /// Never throws for what the template says: a broken one is an error only when it is used.
  explicit ChatTemplate(const std::string& source);

  /// Why the template cannot be used, with line and column; nothing where it parses.
  [[nodiscard]] const std::optional<std::string>& problem() const { return problem_; }

  /// @param special_tokens  by their names, "bos_token" and so on; what is missing is undefined to the template
  /// @throws stac::Error  with line and column: the template is broken, fails, or raises an exception of its own
  [[nodiscard]] std::string render(std::span<const Message> messages, bool add_generation_prompt,
                                   const std::map<std::string, std::string>& special_tokens) const;

 private:
  struct Parsed;
  std::shared_ptr<const Parsed> parsed_;
  std::optional<std::string> problem_;
};

/// A user's own template; nothing without a file.
/// @throws stac::Error naming the file: it cannot be read, or is broken (with line and column)
[[nodiscard]] std::optional<ChatTemplate> load_chat_template(const std::optional<std::filesystem::path>& file);

/// The checkpoint's template: the one named "default"; nothing where it brings none.
[[nodiscard]] std::optional<ChatTemplate> find_chat_template(const TokenizerConfig& config);

}  // namespace stac::text
