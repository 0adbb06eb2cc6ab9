#include "text/sentencepiece_stream.hpp"

#include "text/utf8.hpp"

namespace stac::text {
namespace {

std::string with_blanks(std::string_view piece) {
  std::string text;
  for (std::size_t at = 0; at < piece.size();) {
    const bool mark = piece.substr(at).starts_with(blank_mark);
    text.append(mark ? " " : piece.substr(at, 1));
    at += mark ? blank_mark.size() : 1;
  }
  return text;
}

}  // namespace

SentencePieceStream::SentencePieceStream(const SentencePieceTokenizer& tokenizer, Specials specials)
    : tokenizer_(tokenizer), specials_(specials) {}

std::string SentencePieceStream::push(std::int64_t id) {
  const int piece = tokenizer_.checked(id);
  const SentencePieceModel& model = tokenizer_.model();
  std::string text = model.is_byte(piece) ? push_byte(model.piece(piece)) : push_piece(piece);
  return text;
}

/// The library replaces every byte that is no part of a character by a U+FFFD of its own.
std::string SentencePieceStream::push_byte(std::string_view piece) {
  bytes_.push_back(static_cast<char>(std::stoi(std::string(piece.substr(3, 2)), nullptr, 16)));  // "<0xE2>"
  std::string text;
  while (!bytes_.empty()) {
    const Utf8Step step = read_utf8(bytes_);
    if (step.kind == Utf8Kind::incomplete) break;
    const bool valid = step.kind == Utf8Kind::character;
    text += valid ? bytes_.substr(0, step.length) : std::string(replacement_character);
    bytes_.erase(0, valid ? step.length : 1);
  }
  said_anything_ = said_anything_ || !text.empty();
  return text;
}

std::string SentencePieceStream::release_bytes() {
  std::string text;
  for (std::size_t i = 0; i < bytes_.size(); ++i) text += replacement_character;
  bytes_.clear();
  said_anything_ = said_anything_ || !text.empty();
  return text;
}

std::string SentencePieceStream::push_piece(int id) {
  std::string text = release_bytes();
  if (dropped_blank_ || said_anything_) at_begin_ = false;
  dropped_blank_ = false;
  const SentencePieceModel& model = tokenizer_.model();
  const std::string piece = model.piece(id);
  if (model.is_control(id)) return specials_ == Specials::keep ? text + piece : text;
  const std::string said = model.is_unknown(id) ? model.decode({id}) : visible(piece);
  said_anything_ = said_anything_ || !said.empty();
  return text + said;
}

std::string SentencePieceStream::visible(std::string_view piece) {
  const LeadingBlanks rule = tokenizer_.leading_blanks();
  if (at_begin_ && rule.drops_first && piece.starts_with(blank_mark)) {
    piece.remove_prefix(blank_mark.size());
    dropped_blank_ = !rule.drops_more;
  }
  return with_blanks(piece);
}

std::string SentencePieceStream::finish() {
  std::string text = release_bytes();
  at_begin_ = true;
  dropped_blank_ = false;
  said_anything_ = false;
  return text;
}

}  // namespace stac::text
