#include "text/jinja/unicode.hpp"

#include <utf8proc.h>

#include <algorithm>

#include "text/character_class.hpp"
#include "text/utf8.hpp"

namespace stac::text::jinja {
namespace {

using Mapping = utf8proc_int32_t (*)(utf8proc_int32_t);

void append_mapped(std::string& out, char32_t code_point, Mapping mapping) {
  if (code_point == 0xDF && mapping != utf8proc_tolower) {  // sharp s: its capital is two letters
    out += mapping == utf8proc_toupper ? "SS" : "Ss";
    return;
  }
  append_utf8(out, static_cast<char32_t>(mapping(static_cast<utf8proc_int32_t>(code_point))));
}

template <typename Visit>
void for_each_character(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text.substr(at));
    visit(step.code_point, text.substr(at, step.length));
    at += step.length;
  }
}

std::string map_all(std::string_view text, Mapping mapping) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&](char32_t c, std::string_view) { append_mapped(out, c, mapping); });
  return out;
}

bool is_cased(char32_t c) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT;
}

}  // namespace

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  for_each_character(text, [&](char32_t, std::string_view bytes) { characters.emplace_back(bytes); });
  return characters;
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::string to_upper(std::string_view text) { return map_all(text, utf8proc_toupper); }
std::string to_lower(std::string_view text) { return map_all(text, utf8proc_tolower); }

std::string capitalize(std::string_view text) {
  if (text.empty()) return {};
  const Utf8Step first = read_utf8(text);
  std::string out;
  append_mapped(out, first.code_point, utf8proc_totitle);
  return out + to_lower(text.substr(first.length));
}

std::string capitalize(std::string_view text, std::string (*first)(std::string_view)) {
  if (text.empty()) return {};
  const std::size_t length = read_utf8(text).length;
  return first(text.substr(0, length)) + to_lower(text.substr(length));
}

std::string title(std::string_view text) {
  std::string out;
  bool inside_word = false;
  for_each_character(text, [&](char32_t c, std::string_view) {
    append_mapped(out, c, inside_word ? utf8proc_tolower : utf8proc_totitle);
    inside_word = is_cased(c);
  });
  return out;
}

bool has_case(std::string_view text, bool upper) {
  bool any = false;
  bool all = true;
  for_each_character(text, [&](char32_t c, std::string_view) {
    if (!is_cased(c)) return;
    any = true;
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    all = all && category == (upper ? UTF8PROC_CATEGORY_LU : UTF8PROC_CATEGORY_LL);
  });
  return any && all;
}

namespace {

template <typename IsOne>
bool all_characters(std::string_view text, IsOne is_one) {
  bool all = !text.empty();
  for_each_character(text, [&](char32_t c, std::string_view) { all = all && is_one(c); });
  return all;
}

bool is_letter(char32_t c) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return is_cased(c) || category == UTF8PROC_CATEGORY_LM || category == UTF8PROC_CATEGORY_LO;
}

bool is_decimal(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_ND; }

}  // namespace

bool is_all_space(std::string_view text) { return all_characters(text, is_python_space); }
bool is_all_letters(std::string_view text) { return all_characters(text, is_letter); }
bool is_all_digits(std::string_view text) { return all_characters(text, is_decimal); }

bool is_python_space(char32_t c) { return is_blank(c) || (c >= 0x1C && c <= 0x1F); }

std::string_view strip(std::string_view text, Ends ends, const std::string* characters) {
  const auto stripped = [&](char32_t code_point, std::string_view bytes) {
    return characters ? characters->find(bytes) != std::string::npos : is_python_space(code_point);
  };
  while (ends != Ends::right && !text.empty()) {
    const Utf8Step step = read_utf8(text);
    if (!stripped(step.code_point, text.substr(0, step.length))) break;
    text.remove_prefix(step.length);
  }
  while (ends != Ends::left && !text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    if (!stripped(read_utf8(text.substr(last)).code_point, text.substr(last))) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

}  // namespace stac::text::jinja
