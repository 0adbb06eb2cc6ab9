// GPT-2's pre-tokenizer: words by its pattern, written in the byte alphabet.
#pragma once
#include <optional>

#include "text/pipeline/pre_tokenizer.hpp"
#include "text/regex.hpp"

namespace stac::text {

struct ByteLevelOptions {
  bool add_prefix_space = false;  ///< a blank before a text that does not begin with one
  bool use_regex = true;          ///< split by GPT-2's pattern; else the whole text is one word
};

class ByteLevel : public PreTokenizer {
 public:
  explicit ByteLevel(const ByteLevelOptions& options);
  [[nodiscard]] std::vector<std::string> split(const std::vector<std::string>& words, Place place) const override;
  [[nodiscard]] bool writes_byte_alphabet() const override { return true; }

 private:
  bool add_prefix_space_;
  std::optional<Regex> pattern_;
};

}  // namespace stac::text
