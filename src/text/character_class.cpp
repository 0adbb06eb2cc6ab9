#include "text/character_class.hpp"

#include <utf8proc.h>

#include <string>

#include "text/regex.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

char32_t first_character(std::string_view text) { return read_utf8(text).code_point; }

std::size_t begin_of_last_character(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

bool is_blank(char32_t c) {
  if ((c >= 0x09 && c <= 0x0D) || c == 0x85) return true;
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

bool is_word(char32_t c) {
  static const Regex word("[" + std::string(word_members) + "]");
  std::string text;
  append_utf8(text, c);
  return !word.matches(text).empty();
}

bool is_numeric(char32_t c) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
}

bool begins_with_word(std::string_view text) { return !text.empty() && is_word(first_character(text)); }

bool ends_with_word(std::string_view text) {
  return !text.empty() && is_word(first_character(text.substr(begin_of_last_character(text))));
}

std::size_t blanks_at_begin(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_blank(first_character(text.substr(at)))) at += read_utf8(text.substr(at)).length;
  return at;
}

std::size_t blanks_at_end(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0) {
    const std::size_t begin = begin_of_last_character(text.substr(0, end));
    if (!is_blank(first_character(text.substr(begin)))) break;
    end = begin;
  }
  return text.size() - end;
}

}  // namespace stac::text
