// Pre-tokenizers: how a text falls into words before the model breaks each into pieces.
#pragma once
#include <memory>
#include <string>
#include <vector>

namespace stac::text {

/// Where the stretch stands that falls into words: first in what was given to encode, or after something.
enum class Place { begin_of_text, within_text };

/// One stage. Stages follow each other: each takes the words of the one before it and gives its own, in order.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;

  /// @param words  valid UTF-8 each, none empty
  /// @param place  of the first word
  /// @return words, none empty
  [[nodiscard]] virtual std::vector<std::string> split(const std::vector<std::string>& words, Place place) const = 0;

  /// Whether its words are spelled in the byte alphabet, so that a vocabulary without one of the bytes loses text.
  [[nodiscard]] virtual bool writes_byte_alphabet() const { return false; }
  /// Whether it does something else at the begin of a text.
  [[nodiscard]] virtual bool minds_place() const { return false; }
};

}  // namespace stac::text
