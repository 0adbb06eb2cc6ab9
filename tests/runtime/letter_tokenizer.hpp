// A tokenizer of single bytes with four special tokens, for tests of what is built on tokenizers.
#pragma once
#include <array>
#include <cctype>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stac/text/tokenizer.hpp"

namespace stac::testing {

class LetterTokenizer : public text::Tokenizer {
 public:
  static constexpr std::int64_t kUser = 256, kAssistant = 257, kSystem = 258, kEnd = 259;

  bool lower_when_encoding = false;  ///< makes encode(decode(ids)) differ from ids

  [[nodiscard]] text::TokenizerKind kind() const override { return text::TokenizerKind::tokenizers; }
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override { return encode_chat(text); }

  [[nodiscard]] std::vector<std::int64_t> encode_chat(std::string_view text) const override {
    std::vector<std::int64_t> ids;
    while (!text.empty()) {
      const auto special = special_at(text);
      const auto byte = static_cast<unsigned char>(text[0]);
      ids.push_back(special ? special->first : lower_when_encoding ? std::tolower(byte) : byte);
      text.remove_prefix(special ? special->second.size() : 1);
    }
    return ids;
  }

  [[nodiscard]] std::unique_ptr<text::StreamDecoder> stream(text::Specials specials) const override {
    return std::make_unique<Decoder>(*this, specials);
  }

  [[nodiscard]] std::int64_t vocab_size() const override { return 260; }
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view) const override { return std::nullopt; }
  [[nodiscard]] std::string token(std::int64_t id) const override {
    if (is_special(id)) return std::string(kSpecials.at(static_cast<std::size_t>(id - kUser)).second);
    return {static_cast<char>(id)};
  }
  [[nodiscard]] bool is_special(std::int64_t id) const override { return id >= kUser; }

 private:
  using Special = std::pair<std::int64_t, std::string_view>;
  static constexpr std::array<Special, 4> kSpecials{
      {{kUser, "[u]"}, {kAssistant, "[a]"}, {kSystem, "[s]"}, {kEnd, "[e]"}}};

  static std::optional<Special> special_at(std::string_view text) {
    for (const Special& special : kSpecials) {
      if (text.starts_with(special.second)) return special;
    }
    return std::nullopt;
  }

  class Decoder : public text::StreamDecoder {
   public:
    Decoder(const LetterTokenizer& tokenizer, text::Specials specials) : tokenizer_(tokenizer), specials_(specials) {}

    std::string push(std::int64_t id) override {
      if (tokenizer_.is_special(id) && specials_ == text::Specials::skip) return {};
      held_ += tokenizer_.token(id);
      return is_whole() ? std::exchange(held_, {}) : std::string();
    }
    std::string finish() override { return std::exchange(held_, {}); }

   private:
    [[nodiscard]] bool is_whole() const {
      const auto lead = static_cast<unsigned char>(held_[0]);
      return held_.size() >= (lead < 0xC0 ? 1u : lead < 0xE0 ? 2u : lead < 0xF0 ? 3u : 4u);
    }

    const LetterTokenizer& tokenizer_;
    text::Specials specials_;
    std::string held_;
  };
};

}  // namespace stac::testing
