#include "text/utf8.hpp"

namespace stac::text {
namespace {

struct Lead {
  std::size_t length;  // of the whole character; 0 where the byte begins none
  unsigned char low;   // bounds of the second byte, which exclude overlong forms, surrogates and > U+10FFFF
  unsigned char high;
};

Lead classify(unsigned char byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

char32_t lead_bits(unsigned char byte, std::size_t length) {
  if (length == 1) return byte;
  return static_cast<char32_t>(byte & (0x7F >> length));
}

}  // namespace

Utf8Step read_utf8(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  const Lead lead = classify(first);
  if (lead.length == 0) return {Utf8Kind::invalid, 1, 0};
  char32_t code_point = lead_bits(first, lead.length);
  for (std::size_t i = 1; i < lead.length; ++i) {
    if (i == bytes.size()) return {Utf8Kind::incomplete, i, 0};
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const unsigned char low = i == 1 ? lead.low : 0x80;
    const unsigned char high = i == 1 ? lead.high : 0xBF;
    if (byte < low || byte > high) return {Utf8Kind::invalid, i, 0};
    code_point = (code_point << 6) | (byte & 0x3Fu);
  }
  return {Utf8Kind::character, lead.length, code_point};
}

std::string replace_invalid_utf8(std::string_view bytes) {
  Utf8Assembler assembler;
  std::string text = assembler.push(bytes);
  return text += assembler.finish();
}

void append_utf8(std::string& text, char32_t code_point) {
  const auto tail = [&](int shift) { text.push_back(static_cast<char>(0x80 | ((code_point >> shift) & 0x3F))); };
  if (code_point < 0x80) {
    text.push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    text.push_back(static_cast<char>(0xC0 | (code_point >> 6)));
    tail(0);
  } else if (code_point < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | (code_point >> 12)));
    tail(6);
    tail(0);
  } else {
    text.push_back(static_cast<char>(0xF0 | (code_point >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string Utf8Assembler::push(std::string_view bytes) {
  pending_.append(bytes);
  std::string text;
  std::size_t at = 0;
  while (at < pending_.size()) {
    const std::string_view rest = std::string_view(pending_).substr(at);
    const Utf8Step step = read_utf8(rest);
    if (step.kind == Utf8Kind::incomplete) break;
    text.append(step.kind == Utf8Kind::character ? rest.substr(0, step.length) : replacement_character);
    at += step.length;
  }
  pending_.erase(0, at);
  return text;
}

std::string Utf8Assembler::finish() {
  const bool held = !pending_.empty();
  pending_.clear();
  return held ? std::string(replacement_character) : std::string();
}

}  // namespace stac::text
