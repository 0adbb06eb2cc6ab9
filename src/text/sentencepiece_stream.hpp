// Decoding of sentencepiece ids one by one, with the library's rules for blanks at the beginning and for byte pieces.
#pragma once
#include <string>
#include <string_view>

#include "text/sentencepiece_tokenizer.hpp"

namespace stac::text {

/// How pieces write a blank: U+2581.
inline constexpr std::string_view blank_mark = "\xE2\x96\x81";

class SentencePieceStream : public StreamDecoder {
 public:
  SentencePieceStream(const SentencePieceTokenizer& tokenizer, Specials specials);
  [[nodiscard]] std::string push(std::int64_t id) override;
  [[nodiscard]] std::string finish() override;

 private:
  [[nodiscard]] std::string push_byte(std::string_view piece);
  [[nodiscard]] std::string push_piece(int id);
  [[nodiscard]] std::string visible(std::string_view piece);
  [[nodiscard]] std::string release_bytes();

  const SentencePieceTokenizer& tokenizer_;
  Specials specials_;
  std::string bytes_;           // of byte pieces, not yet a character
  bool at_begin_ = true;        // a leading blank mark would be dropped
  bool dropped_blank_ = false;  // the last piece lost its mark, and that was the only one to lose
  bool said_anything_ = false;
};

}  // namespace stac::text
