// Splits words where a pattern matches.
#pragma once
#include <memory>

#include "text/pipeline/pattern.hpp"
#include "text/pipeline/pre_tokenizer.hpp"

namespace stac::text {

/// What becomes of the matches, the delimiters between words.
enum class Delimiters {
  removed,
  isolated,              ///< words of their own
  merged_with_previous,  ///< the end of the word before; of delimiters side by side, only the first
  merged_with_next,      ///< the beginning of the word after; of delimiters side by side, only the last
  contiguous             ///< words of their own, those side by side in one
};

/// Which stretches of a text its pattern's matches are taken for.
enum class Matched { delimiters, words };

class Split : public PreTokenizer {
 public:
  Split(std::unique_ptr<const Pattern> pattern, Delimiters delimiters, Matched matched = Matched::delimiters);
  [[nodiscard]] std::vector<std::string> split(const std::vector<std::string>& words, Place place) const override;

 private:
  std::unique_ptr<const Pattern> pattern_;
  Delimiters delimiters_;
  Matched matched_;
};

/// @param text     valid UTF-8
/// @param matches  from left to right, none overlapping
/// @return the words from left to right; empty ones may be among them
[[nodiscard]] std::vector<Span> split_at(std::string_view text, const std::vector<Span>& matches, Matched matched,
                                         Delimiters how);

}  // namespace stac::text
