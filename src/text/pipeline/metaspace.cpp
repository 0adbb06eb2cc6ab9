#include "text/pipeline/metaspace.hpp"

#include "text/pipeline/split.hpp"

namespace stac::text {

bool Metaspace::prepends(Place place) const {
  switch (options_.prepend) {
    case MetaspaceOptions::Prepend::always:
      return true;
    case MetaspaceOptions::Prepend::first:
      return place == Place::begin_of_text;
    default:
      return false;
  }
}

std::vector<std::string> Metaspace::split(const std::vector<std::string>& words, Place place) const {
  const LiteralPattern blank(" ");
  const LiteralPattern mark(options_.mark);
  std::vector<std::string> pieces;
  for (const std::string& word : words) {
    std::string marked = replace_matches(word, blank, options_.mark);
    if (prepends(place) && !marked.starts_with(options_.mark)) marked.insert(0, options_.mark);
    place = Place::within_text;
    if (!options_.split) {
      pieces.push_back(std::move(marked));
      continue;
    }
    for (const Span& span : split_at(marked, mark.matches(marked), Matched::delimiters, Delimiters::merged_with_next)) {
      pieces.push_back(marked.substr(span.begin, span.end - span.begin));
    }
  }
  return pieces;
}

}  // namespace stac::text
