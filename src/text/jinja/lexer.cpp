#include "text/jinja/lexer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "text/jinja/printing.hpp"
#include "text/jinja/string_literal.hpp"
#include "text/jinja/unicode.hpp"

namespace stac::text::jinja {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Line ends become \n, and one at the very end is dropped.
std::string normalized(std::string_view source) {
  std::string text;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      text.push_back('\n');
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      text.push_back(source[i]);
    }
  }
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(normalized(source)) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) lex_text();
    add(TokenKind::end, "");
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return std::string_view(source_).substr(at_); }
  bool looking_at(std::string_view text) const { return rest().starts_with(text); }

  Location here() {
    for (; located_ < at_; ++located_) {
      if (source_[located_] == '\n') {
        ++where_.line;
        where_.column = 1;
      } else if ((static_cast<unsigned char>(source_[located_]) & 0xC0) != 0x80) {
        ++where_.column;
      }
    }
    return where_;
  }

  void add(TokenKind kind, std::string value) { tokens_.push_back({kind, std::move(value), here()}); }

  void skip_spaces() { at_ = source_.size() - strip(rest(), Ends::left).size(); }

  /// Text up to the next tag, then the tag.
  void lex_text() {
    const std::size_t tag = find_tag();
    const std::size_t end = tag == std::string::npos ? source_.size() : tag;
    const std::string_view text = std::string_view(source_).substr(at_, end - at_);
    const std::string kept(tag == std::string::npos ? text : strip_before_tag(text, tag));
    if (!kept.empty()) add(TokenKind::text, kept);
    at_ = end;
    if (tag != std::string::npos) lex_tag();
  }

  std::size_t find_tag() const {
    for (std::size_t i = at_; (i = source_.find('{', i)) != std::string::npos; ++i) {
      const char next = i + 1 < source_.size() ? source_[i + 1] : ' ';
      if (next == '{' || next == '%' || next == '#') return i;
    }
    return std::string::npos;
  }

  /// A tag's '-' strips all blanks before it; a block or comment strips the blanks between it and its line's start.
  std::string_view strip_before_tag(std::string_view text, std::size_t tag) const {
    const char sign = tag + 2 < source_.size() ? source_[tag + 2] : ' ';
    if (sign == '-') return strip(text, Ends::right);
    if (sign == '+' || source_[tag + 1] == '{') return text;
    const std::size_t newline = text.rfind('\n');
    const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    const bool starts_line = line > 0 || at_ == 0 || source_[at_ - 1] == '\n';
    return starts_line && strip(text.substr(line), Ends::both).empty() ? text.substr(0, line) : text;
  }

  void lex_tag() {
    const char kind = source_[at_ + 1];
    if (kind == '#') return lex_comment();
    if (kind == '%' && lex_raw()) return;
    add(kind == '%' ? TokenKind::block_begin : TokenKind::print_begin, "");
    at_ += 2;
    if (looking_at("-") || looking_at("+")) ++at_;
    lex_expression(kind == '%' ? "%}" : "}}");
  }

  /// Blanks and the newline after a tag, by the sign that stood before its end.
  void trim_after(char sign, bool trims_newline) {
    if (sign == '-') {
      skip_spaces();
    } else if (sign != '+' && trims_newline && looking_at("\n")) {
      ++at_;
    }
  }

  void lex_comment() {
    const Location opened = here();
    at_ += 2;
    if (looking_at("-") || looking_at("+")) ++at_;
    const std::size_t end = source_.find("#}", at_);
    if (end == std::string::npos) throw TemplateError(opened, "Missing end of comment tag");
    const char sign = end > at_ ? source_[end - 1] : ' ';
    at_ = end + 2;
    trim_after(sign, true);
  }

  /// Reads "{%- word -%}" at a position. @return the position behind it, and its closing sign
  std::optional<std::pair<std::size_t, char>> match_word_tag(std::size_t at, std::string_view word) const {
    const std::string_view text(source_);
    std::size_t i = at + 2;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    while (i < text.size() && is_space(text[i])) ++i;
    if (!text.substr(i).starts_with(word)) return std::nullopt;
    i += word.size();
    while (i < text.size() && is_space(text[i])) ++i;
    char sign = ' ';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) sign = text[i++];
    if (!text.substr(i).starts_with("%}")) return std::nullopt;
    return std::pair(i + 2, sign);
  }

  /// {% raw %}: text until {% endraw %}, whatever it holds.
  bool lex_raw() {
    const auto begin = match_word_tag(at_, "raw");
    if (!begin) return false;
    const Location opened = here();
    at_ = begin->first;
    trim_after(begin->second, false);  // unlike other tags, raw keeps the newline after it
    for (std::size_t tag = at_; (tag = source_.find("{%", tag)) != std::string::npos; ++tag) {
      const auto end = match_word_tag(tag, "endraw");
      if (!end) continue;
      const std::string kept(strip_before_tag(std::string_view(source_).substr(at_, tag - at_), tag));
      if (!kept.empty()) add(TokenKind::text, kept);
      at_ = end->first;
      trim_after(end->second, true);
      return true;
    }
    throw TemplateError(opened, "Missing end of raw directive");
  }

  /// Tokens up to the tag's end; where that is missing, the parser will say what it wanted.
  void lex_expression(std::string_view close) {
    std::string open_brackets;
    for (skip_spaces(); at_ < source_.size(); skip_spaces()) {
      if (open_brackets.empty() && lex_close(close)) return;
      lex_token(open_brackets);
    }
  }

  [[noreturn]] void fail_at_character() {
    const std::size_t place = character_count(std::string_view(source_).substr(0, at_));
    const std::string character = characters_of(rest().substr(0, 4)).front();
    throw TemplateError(here(), "unexpected char " + repr(Value(character)) + " at " + std::to_string(place));
  }

  bool lex_close(std::string_view close) {
    const bool block = close == "%}";
    const bool signed_end = (looking_at("-") || (block && looking_at("+"))) && rest().substr(1).starts_with(close);
    if (!signed_end && !looking_at(close)) return false;
    const char sign = signed_end ? source_[at_] : ' ';
    add(block ? TokenKind::block_end : TokenKind::print_end, "");
    at_ += close.size() + (signed_end ? 1 : 0);
    trim_after(sign, block);
    return true;
  }

  void lex_token(std::string& open_brackets) {
    const char c = source_[at_];
    if (is_name_start(c)) return lex_name();
    if (is_digit(c)) return lex_number();
    if (c == '"' || c == '\'') return lex_string(c);
    lex_symbol(open_brackets);
  }

  void lex_name() {
    std::size_t end = at_;
    while (end < source_.size() && (is_name_start(source_[end]) || is_digit(source_[end]))) ++end;
    add(TokenKind::name, source_.substr(at_, end - at_));
    at_ = end;
  }

  void lex_number() {
    std::size_t end = at_;
    const auto digit_at = [&](std::size_t at) { return at < source_.size() && is_digit(source_[at]); };
    const auto digits = [&] {
      while (digit_at(end) || (end > at_ && end < source_.size() && source_[end] == '_' && digit_at(end + 1))) ++end;
    };
    digits();
    bool real = false;
    if (end + 1 < source_.size() && source_[end] == '.' && is_digit(source_[end + 1])) {
      real = true;
      ++end;
      digits();
    }
    const std::size_t exponent = end;
    if (end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
      ++end;
      if (end < source_.size() && (source_[end] == '+' || source_[end] == '-')) ++end;
      const bool has_digits = end < source_.size() && is_digit(source_[end]);
      real = real || has_digits;
      has_digits ? digits() : static_cast<void>(end = exponent);
    }
    std::string number = source_.substr(at_, end - at_);
    std::erase(number, '_');
    const bool leading_zero = !real && number[0] == '0' && number.find_first_not_of('0') != std::string::npos;
    if (leading_zero) throw TemplateError(here(), "a whole number cannot begin with 0");
    add(real ? TokenKind::real : TokenKind::integer, number);
    at_ = end;
  }

  void lex_string(char quote) {
    const Location opened = here();
    std::size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
    if (end >= source_.size()) fail_at_character();
    add(TokenKind::string, unescape(std::string_view(source_).substr(at_ + 1, end - at_ - 1), opened));
    at_ = end + 1;
  }

  void lex_symbol(std::string& open_brackets) {
    static constexpr std::array<std::string_view, 26> symbols = {"//", "**", "==", "!=", "<=", ">=", "<", ">", "=",
                                                                 "+",  "-",  "*",  "/",  "%",  "~",  "|", ".", ",",
                                                                 ":",  "(",  ")",  "[",  "]",  "{",  "}", ";"};
    const auto found = std::find_if(symbols.begin(), symbols.end(), [&](auto symbol) { return looking_at(symbol); });
    if (found == symbols.end()) fail_at_character();
    match_bracket(found->front(), open_brackets);
    add(TokenKind::symbol, std::string(*found));
    at_ += found->size();
  }

  void match_bracket(char symbol, std::string& open_brackets) {
    static constexpr std::string_view opening = "([{";
    static constexpr std::string_view closing = ")]}";
    if (opening.find(symbol) != std::string_view::npos) open_brackets.push_back(symbol);
    const std::size_t which = closing.find(symbol);
    if (which == std::string_view::npos) return;
    const std::string found = std::string("unexpected '") + symbol + "'";
    if (open_brackets.empty()) throw TemplateError(here(), found);
    const char expected = closing[opening.find(open_brackets.back())];
    if (expected != symbol) throw TemplateError(here(), found + ", expected '" + expected + "'");
    open_brackets.pop_back();
  }

  std::string source_;
  std::size_t at_ = 0;
  std::size_t located_ = 0;
  Location where_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) { return Lexer(source).run(); }

}  // namespace stac::text::jinja
