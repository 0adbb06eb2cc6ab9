#include "text/byte_level.hpp"

#include <string_view>

#include "text/byte_alphabet.hpp"

namespace stac::text {
namespace {

// GPT-2's pattern (openai/gpt-2, encoder.py). Its \s is Unicode's White_Space; PCRE2's own \s would add U+180E, so the
// class is spelled out.
constexpr const char* gpt2_pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\x09-\x0D\x{85}\p{Z}\p{L}\p{N}]+)"
                                     R"(|[\x09-\x0D\x{85}\p{Z}]+(?![^\x09-\x0D\x{85}\p{Z}])|[\x09-\x0D\x{85}\p{Z}]+)";

}  // namespace

ByteLevel::ByteLevel(const ByteLevelOptions& options) : add_prefix_space_(options.add_prefix_space) {
  if (options.use_regex) pattern_.emplace(gpt2_pattern);
}

std::vector<std::string> ByteLevel::split(const std::vector<std::string>& words) const {
  std::vector<std::string> pieces;
  for (const std::string& word : words) {
    if (word.empty()) continue;
    const std::string text = add_prefix_space_ && word.front() != ' ' ? " " + word : word;
    if (!pattern_) {
      pieces.push_back(to_byte_alphabet(text));
      continue;
    }
    for (const Span& span : pattern_->matches(text)) {  // the pattern leaves no character out
      pieces.push_back(to_byte_alphabet(std::string_view(text).substr(span.begin, span.end - span.begin)));
    }
  }
  return pieces;
}

}  // namespace stac::text
