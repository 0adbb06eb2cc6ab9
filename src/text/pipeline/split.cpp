#include "text/pipeline/split.hpp"

#include <algorithm>
#include <utility>

namespace stac::text {
namespace {

struct Stretch {
  Span span;
  bool delimiter;
};

/// Matches and what lies between them, in order: together the whole text.
std::vector<Stretch> stretches(std::string_view text, const std::vector<Span>& matches, Matched matched) {
  const bool match_delimits = matched == Matched::delimiters;
  std::vector<Stretch> all;
  std::size_t done = 0;
  for (const Span& span : matches) {
    if (done < span.begin) all.push_back({{done, span.begin}, !match_delimits});
    all.push_back({span, match_delimits});
    done = span.end;
  }
  if (done < text.size()) all.push_back({{done, text.size()}, !match_delimits});
  return all;
}

/// Joins a stretch to the one before it where `joins` says so of the two.
template <typename Joins>
std::vector<Span> joined(const std::vector<Stretch>& all, Joins joins) {
  std::vector<Span> spans;
  bool previous_delimiter = false;
  for (const Stretch& stretch : all) {
    if (!spans.empty() && joins(previous_delimiter, stretch.delimiter)) {
      spans.back().end = stretch.span.end;
    } else {
      spans.push_back(stretch.span);
    }
    previous_delimiter = stretch.delimiter;
  }
  return spans;
}

std::vector<Span> without_delimiters(const std::vector<Stretch>& all) {
  std::vector<Span> spans;
  for (const Stretch& stretch : all) {
    if (!stretch.delimiter) spans.push_back(stretch.span);
  }
  return spans;
}

std::vector<Span> merged_with_next(const std::vector<Stretch>& all) {
  // The mirror image of merged_with_previous: a delimiter joins the stretch on its right unless that is one, too.
  std::vector<Span> spans;
  bool next_delimiter = false;
  for (auto stretch = all.rbegin(); stretch != all.rend(); ++stretch) {
    if (!spans.empty() && stretch->delimiter && !next_delimiter) {
      spans.back().begin = stretch->span.begin;
    } else {
      spans.push_back(stretch->span);
    }
    next_delimiter = stretch->delimiter;
  }
  std::reverse(spans.begin(), spans.end());
  return spans;
}

}  // namespace

std::vector<Span> split_at(std::string_view text, const std::vector<Span>& matches, Matched matched, Delimiters how) {
  const std::vector<Stretch> all = stretches(text, matches, matched);
  switch (how) {
    case Delimiters::removed:
      return without_delimiters(all);
    case Delimiters::merged_with_previous:
      return joined(all, [](bool previous, bool current) { return current && !previous; });
    case Delimiters::merged_with_next:
      return merged_with_next(all);
    case Delimiters::contiguous:
      return joined(all, [](bool previous, bool current) { return current == previous; });
    default:
      return joined(all, [](bool, bool) { return false; });
  }
}

Split::Split(std::unique_ptr<const Pattern> pattern, Delimiters delimiters, Matched matched)
    : pattern_(std::move(pattern)), delimiters_(delimiters), matched_(matched) {}

std::vector<std::string> Split::split(const std::vector<std::string>& words, Place) const {
  std::vector<std::string> pieces;
  for (const std::string& word : words) {
    for (const Span& span : split_at(word, pattern_->matches(word), matched_, delimiters_)) {
      if (span.end > span.begin) pieces.push_back(word.substr(span.begin, span.end - span.begin));
    }
  }
  return pieces;
}

}  // namespace stac::text
