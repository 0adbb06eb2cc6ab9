#include "text/pipeline/byte_level.hpp"

#include <string_view>

#include "text/pipeline/byte_alphabet.hpp"
#include "text/pipeline/oniguruma.hpp"

namespace stac::text {
namespace {

// openai/gpt-2, encoder.py
constexpr const char* gpt2_pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

}  // namespace

ByteLevel::ByteLevel(const ByteLevelOptions& options) : add_prefix_space_(options.add_prefix_space) {
  if (options.use_regex) pattern_ = oniguruma_regex(gpt2_pattern);
}

std::vector<std::string> ByteLevel::split(const std::vector<std::string>& words, Place) const {
  std::vector<std::string> pieces;
  for (const std::string& word : words) {
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
