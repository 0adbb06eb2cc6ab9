// Token ids as text, so that a conversation can be held with a model whatever its tokenizer: " 7 12" are ids 7 and 12.
#pragma once
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stac/runtime/chat_form.hpp"
#include "stac/text/tokenizer.hpp"

namespace stac::eval {

class IdTokenizer final : public text::Tokenizer {
 public:
  explicit IdTokenizer(std::int64_t vocab_size) : vocab_size_(vocab_size) {}

  [[nodiscard]] text::TokenizerKind kind() const override { return text::TokenizerKind::tokenizers; }
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
    std::vector<std::int64_t> ids;
    for (const char* at = text.data(); at < text.data() + text.size();) {
      std::int64_t id = 0;
      at = std::from_chars(at + 1, text.data() + text.size(), id).ptr;  // behind its blank
      ids.push_back(id);
    }
    return ids;
  }
  [[nodiscard]] std::vector<std::int64_t> encode_chat(std::string_view text) const override { return encode(text); }
  [[nodiscard]] std::unique_ptr<text::StreamDecoder> stream(text::Specials) const override {
    return std::make_unique<Decoder>();
  }
  [[nodiscard]] std::int64_t vocab_size() const override { return vocab_size_; }
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view) const override { return std::nullopt; }
  [[nodiscard]] std::string token(std::int64_t id) const override { return written(id); }
  [[nodiscard]] bool is_special(std::int64_t) const override { return false; }

  /// The text of one id.
  [[nodiscard]] static std::string written(std::int64_t id) { return " " + std::to_string(id); }
  [[nodiscard]] static std::string written(const std::vector<std::int64_t>& ids) {
    std::string text;
    for (const std::int64_t id : ids) text += written(id);
    return text;
  }

 private:
  class Decoder final : public text::StreamDecoder {
   public:
    std::string push(std::int64_t id) override { return written(id); }
    std::string finish() override { return {}; }
  };

  std::int64_t vocab_size_;
};

/// Messages one behind the other.
[[nodiscard]] inline runtime::ChatForm id_chat_form() {
  return {[](std::span<const runtime::Message> messages) {
    std::string text;
    for (const runtime::Message& message : messages) text += message.content;
    return text;
  }};
}

}  // namespace stac::eval
