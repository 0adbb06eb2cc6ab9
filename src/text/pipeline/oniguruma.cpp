#include "text/pipeline/oniguruma.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "stac/error.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

constexpr std::string_view escaped_alike = "rntfae";  // control characters, the same in both

/// Pairs of letters that Oniguruma, ignoring case, also finds as one character: "ss" as a sharp s, "fi" as a ligature.
constexpr std::array<std::string_view, 5> folded_pairs = {"ff", "fi", "fl", "ss", "st"};

bool is_ascii_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_ascii_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern) {}

  std::string run() {
    while (!done()) step();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool done() const { return at_ >= pattern_.size(); }
  [[nodiscard]] std::string_view rest() const { return pattern_.substr(at_); }
  [[nodiscard]] bool looking_at(std::string_view text) const { return rest().starts_with(text); }

  [[noreturn]] void refuse(std::string_view construct) const {
    throw Error("pattern '" + std::string(pattern_) + "': '" + std::string(construct) + "' at byte " +
                    std::to_string(at_) + " is not supported",
                "it means another thing, or nothing, outside the tokenizer's own library");
  }

  void copy(std::size_t bytes) {
    out_ += rest().substr(0, bytes);
    at_ += bytes;
  }

  void step() {
    if (looking_at("\\")) return escape();
    if (in_set_) return set_member();
    switch (pattern_[at_]) {
      case '[':
        return begin_set();
      case '(':
        return begin_group();
      case ')':
        if (!ignores_case_.empty()) ignores_case_.pop_back();
        return copy(1);
      case '{':
        return counted_repeat();
      case '^':
      case '$':
        refuse(rest().substr(0, 1));
      default:
        return literal();
    }
  }

  void literal() {
    if (ignoring_case()) require_simple_folding();
    copy(read_utf8(rest()).length);
  }

  [[nodiscard]] bool ignoring_case() const { return !ignores_case_.empty() && ignores_case_.back(); }

  void require_simple_folding() const {
    if (static_cast<unsigned char>(pattern_[at_]) >= 0x80) refuse("a letter beyond ASCII where case is ignored");
    if (at_ + 1 >= pattern_.size()) return;
    const std::array<char, 2> pair = {lower(pattern_[at_]), lower(pattern_[at_ + 1])};
    const bool folds =
        std::find(folded_pairs.begin(), folded_pairs.end(), std::string_view(pair.data(), 2)) != folded_pairs.end();
    if (folds) refuse(rest().substr(0, 2));
  }

  void begin_set() {
    in_set_ = true;
    copy(looking_at("[^") ? 2 : 1);
    if (looking_at("]")) refuse("]");  // a member in one, the end of an empty set in the other
  }

  void set_member() {
    if (looking_at("[") || looking_at("&&")) refuse(rest().substr(0, 2));  // sets of sets
    if (ignoring_case() && static_cast<unsigned char>(pattern_[at_]) >= 0x80) require_simple_folding();
    if (looking_at("]")) in_set_ = false;
    copy(read_utf8(rest()).length);
  }

  void begin_group() {
    for (const std::string_view head : {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"}) {
      if (looking_at(head)) return open_group(head, ignoring_case());
    }
    if (looking_at("(?i:")) return open_group("(?i:", true);
    if (looking_at("(?-i:")) return open_group("(?-i:", false);
    if (looking_at("(?") || looking_at("(*")) refuse(rest().substr(0, std::min<std::size_t>(4, rest().size())));
    open_group("(", ignoring_case());
  }

  void open_group(std::string_view head, bool ignores_case) {
    ignores_case_.push_back(ignores_case);
    copy(head.size());
  }

  /// {n}, {n,} and {n,m}; a '+' behind them repeats again in one and gives nothing back in the other.
  void counted_repeat() {
    const std::size_t close = rest().find('}');
    if (close == std::string_view::npos) refuse("{");
    const std::string_view counts = rest().substr(1, close - 1);
    const bool digits = counts.find_first_not_of("0123456789,") == std::string_view::npos;
    const bool well_formed =
        digits && !counts.empty() && counts.front() != ',' && std::count(counts.begin(), counts.end(), ',') <= 1;
    const char next = close + 1 < rest().size() ? rest()[close + 1] : ' ';
    const bool exact = counts.find(',') == std::string_view::npos;
    if (!well_formed || next == '+' || (exact && next == '?')) refuse(rest().substr(0, close + 2));
    copy(close + 1);
  }

  void escape() {
    if (at_ + 1 >= pattern_.size()) refuse("\\");
    const char c = pattern_[at_ + 1];
    if (!is_ascii_alnum(c)) {
      if (static_cast<unsigned char>(c) >= 0x80) refuse("\\");
      return copy(2);
    }
    if (escaped_alike.find(c) != std::string_view::npos) return copy(2);
    at_ += 2;
    if (c == 's') return write("\\p{White_Space}");
    if (c == 'S') return write("\\P{White_Space}");
    if (c == 'd') return write("\\p{Nd}");
    if (c == 'D') return write("\\P{Nd}");
    if (c == 'v') return write("\\x0B");
    if (c == 'p' || c == 'P') return property(c);
    if (c == 'u') return code_point(4);
    if (c == 'x') return looking_at("{") ? braced_code_point() : code_point(2);
    at_ -= 2;
    refuse(rest().substr(0, 2));
  }

  void write(std::string_view text) { out_ += text; }

  /// \p{L}, \p{^Lu}, \p{Han}: categories by their short names, scripts by theirs.
  void property(char letter) {
    const std::size_t close = rest().find('}');
    const bool braced = looking_at("{") && close != std::string_view::npos;
    std::string_view name = braced ? rest().substr(1, close - 1) : std::string_view();
    const bool negated = name.starts_with('^');
    if (negated) name.remove_prefix(1);
    const bool known =
        !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return is_ascii_letter(c) || c == '_'; });
    if (!known || is_posix_class(name) || ignoring_case())
      refuse("\\" + std::string(1, letter) + std::string(rest().substr(0, close + 1)));
    out_ += std::string("\\") + ((letter == 'P') != negated ? 'P' : 'p') + "{" + (name.size() > 2 ? "sc:" : "");
    out_ += std::string(name) + "}";
    at_ += close + 1;
  }

  /// Names that are neither category nor script, and that the two libraries fill differently.
  static bool is_posix_class(std::string_view name) {
    std::string small;
    for (const char c : name) small.push_back(lower(c));
    for (const char* known : {"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
                              "upper", "xdigit", "word", "ascii", "any", "assigned"}) {
      if (small == known) return true;
    }
    return false;
  }

  void code_point(std::size_t digits) { hexadecimal(rest().substr(0, digits), digits, digits); }

  void braced_code_point() {
    const std::size_t close = rest().find('}');
    if (close == std::string_view::npos || close > 9) refuse("\\x{");
    hexadecimal(rest().substr(1, close - 1), 1, close + 1);
  }

  void hexadecimal(std::string_view digits, std::size_t least, std::size_t consumed) {
    const bool valid = digits.size() >= least && std::all_of(digits.begin(), digits.end(), [](char c) {
                         return std::isxdigit(static_cast<unsigned char>(c)) != 0;
                       });
    // \x with two digits is a byte there and a character here: below 0x80 they are the same.
    const bool byte = consumed == 2;
    if (!valid || (byte && digits.front() > '7')) refuse("\\x or \\u");
    out_ += "\\x{" + std::string(digits) + "}";
    at_ += consumed;
  }

  std::string_view pattern_;
  std::string out_;
  std::size_t at_ = 0;
  bool in_set_ = false;
  std::vector<bool> ignores_case_;  // of the open groups
};

}  // namespace

std::string to_pcre2(std::string_view pattern) { return Translator(pattern).run(); }

}  // namespace stac::text
