#include "text/pipeline/pattern.hpp"

#include "text/utf8.hpp"

namespace stac::text {

std::vector<Span> LiteralPattern::matches(std::string_view text) const {
  std::vector<Span> spans;
  for (std::size_t at = text.find(literal_); at != std::string_view::npos; at = text.find(literal_, spans.back().end)) {
    spans.push_back({at, at + literal_.size()});
  }
  return spans;
}

std::vector<Span> CharacterPattern::matches(std::string_view text) const {
  std::vector<Span> spans;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text.substr(at));
    if (contains_(step.code_point)) spans.push_back({at, at + step.length});
    at += step.length;
  }
  return spans;
}

std::string replace_matches(std::string_view text, const Pattern& pattern, std::string_view content) {
  std::string out;
  std::size_t done = 0;
  for (const Span& match : pattern.matches(text)) {
    out.append(text.substr(done, match.begin - done)).append(content);
    done = match.end;
  }
  return out.append(text.substr(done));
}

}  // namespace stac::text
