#include "text/jinja/string_literal.hpp"

#include "text/utf8.hpp"

namespace stac::text::jinja {
namespace {

constexpr std::string_view simple = "\\'\"abfnrtv";
constexpr std::string_view meaning = "\\'\"\a\b\f\n\r\t\v";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Reads `count` hexadecimal digits at `at` and moves past them.
char32_t read_hex(std::string_view text, std::size_t& at, std::size_t count, const Location& where) {
  char32_t code_point = 0;
  for (std::size_t i = 0; i < count; ++i, ++at) {
    const int digit = at < text.size() ? hex_digit(text[at]) : -1;
    if (digit < 0) throw TemplateError(where, "a \\x, \\u or \\U escape is cut off");
    code_point = code_point * 16 + static_cast<char32_t>(digit);
  }
  return code_point;
}

char32_t read_octal(std::string_view text, std::size_t& at) {
  char32_t code_point = 0;
  for (int i = 0; i < 3 && at < text.size() && text[at] >= '0' && text[at] <= '7'; ++i, ++at) {
    code_point = code_point * 8 + static_cast<char32_t>(text[at] - '0');
  }
  return code_point;
}

/// A pair of \u escapes may be the two halves of one character.
char32_t join_surrogates(char32_t high, std::string_view text, std::size_t& at, const Location& where) {
  if (high < 0xD800 || high > 0xDBFF || !text.substr(at).starts_with("\\u")) return high;
  std::size_t next = at + 2;
  const char32_t low = read_hex(text, next, 4, where);
  if (low < 0xDC00 || low > 0xDFFF) return high;
  at = next;
  return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

void append_checked(std::string& out, char32_t code_point, const Location& where) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    throw TemplateError(where, "an escape names no character");
  }
  append_utf8(out, code_point);
}

/// @param at  behind the backslash
void unescape_one(std::string& out, std::string_view text, std::size_t& at, const Location& where) {
  const char c = text[at];
  const std::size_t known = simple.find(c);
  if (known != std::string_view::npos) {
    out.push_back(meaning[known]);
    ++at;
  } else if (c == '\n') {
    ++at;  // the literal goes on in the next line
  } else if (c == 'x' || c == 'u' || c == 'U') {
    ++at;
    const char32_t code_point = read_hex(text, at, c == 'x' ? 2 : c == 'u' ? 4 : 8, where);
    append_checked(out, c == 'u' ? join_surrogates(code_point, text, at, where) : code_point, where);
  } else if (c >= '0' && c <= '7') {
    append_checked(out, read_octal(text, at), where);
  } else if (c == 'N') {
    throw TemplateError(where, "\\N escapes are not supported");
  } else {
    out.push_back('\\');  // an unknown escape stands for itself
  }
}

}  // namespace

std::string unescape(std::string_view literal, const Location& where) {
  std::string out;
  for (std::size_t at = 0; at < literal.size();) {
    if (literal[at] != '\\' || at + 1 == literal.size()) {
      out.push_back(literal[at++]);
      continue;
    }
    ++at;
    unescape_one(out, literal, at, where);
  }
  return out;
}

}  // namespace stac::text::jinja
