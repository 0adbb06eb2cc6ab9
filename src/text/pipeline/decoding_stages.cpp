#include "text/pipeline/decoding_stages.hpp"

#include "text/pipeline/byte_alphabet.hpp"
#include "text/pipeline/piece_model.hpp"

namespace stac::text {
namespace {

void append(std::string text, Pieces& out) {
  if (!text.empty()) out.push_back(std::move(text));
}

/// Drops up to `most` times `content` from the beginning. @return how often it was dropped
std::size_t strip_begin(std::string_view& text, std::string_view content, std::size_t most) {
  std::size_t count = 0;
  for (; count < most && text.starts_with(content); ++count) text.remove_prefix(content.size());
  return count;
}

std::size_t strip_end(std::string_view& text, std::string_view content, std::size_t most) {
  std::size_t count = 0;
  for (; count < most && text.ends_with(content); ++count) text.remove_suffix(content.size());
  return count;
}

bool is_valid_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const Utf8Step step = read_utf8(bytes);
    if (step.kind != Utf8Kind::character) return false;
    bytes.remove_prefix(step.length);
  }
  return true;
}

}  // namespace

void ByteLevelDecoding::push(std::string piece, Pieces& out) {
  append(assembler_.push(from_byte_alphabet(piece)), out);
}

void ByteLevelDecoding::finish(Pieces& out) { append(assembler_.finish(), out); }

void MetaspaceDecoding::push(std::string piece, Pieces& out) {
  out.push_back(replace_matches(piece, mark_, drops_ ? "" : " "));
  drops_ = false;
}

void ByteFallbackDecoding::push(std::string piece, Pieces& out) {
  if (const auto byte = byte_of_piece(piece)) {
    run_.push_back(static_cast<char>(*byte));
    return;
  }
  finish(out);
  out.push_back(std::move(piece));
}

void ByteFallbackDecoding::finish(Pieces& out) {
  if (is_valid_utf8(run_)) {
    append(std::move(run_), out);
  } else {
    out.insert(out.end(), run_.size(), std::string(replacement_character));
  }
  run_.clear();
}

void StripDecoding::push(std::string piece, Pieces& out) {
  std::string_view rest = piece;
  strip_begin(rest, amounts_.content, amounts_.start);
  strip_end(rest, amounts_.content, amounts_.stop);
  out.emplace_back(rest);
}

void StripTextDecoding::push(std::string piece, Pieces& out) {
  const std::string text = std::move(held_) + piece;
  std::string_view rest = text;
  left_ -= strip_begin(rest, amounts_.content, left_);
  if (!rest.empty()) left_ = 0;
  const std::size_t held = strip_end(rest, amounts_.content, amounts_.stop);
  held_.clear();
  for (std::size_t i = 0; i < held; ++i) held_ += amounts_.content;
  append(std::string(rest), out);
}

void SpacedDecoding::push(std::string piece, Pieces& out) {
  out.push_back(first_ ? std::move(piece) : " " + piece);
  first_ = false;
}

}  // namespace stac::text
