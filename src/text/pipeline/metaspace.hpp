// Sentencepiece's way with blanks: each becomes a visible mark, and words begin with it.
#pragma once
#include <string>

#include "text/pipeline/pre_tokenizer.hpp"

namespace stac::text {

struct MetaspaceOptions {
  enum class Prepend {
    always,  ///< every word begins with a mark
    first,   ///< the first one of a text does
    never
  };
  std::string mark;  ///< one character
  Prepend prepend = Prepend::always;
  bool split = true;  ///< words end before a mark; else the whole text is one word
};

class Metaspace : public PreTokenizer {
 public:
  explicit Metaspace(MetaspaceOptions options) : options_(std::move(options)) {}
  [[nodiscard]] std::vector<std::string> split(const std::vector<std::string>& words, Place place) const override;
  [[nodiscard]] bool minds_place() const override { return options_.prepend == MetaspaceOptions::Prepend::first; }

 private:
  [[nodiscard]] bool prepends(Place place) const;

  MetaspaceOptions options_;
};

}  // namespace stac::text
