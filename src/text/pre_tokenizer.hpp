// Pre-tokenizers: how a text falls into words before BPE merges inside each word.
#pragma once
#include <memory>
#include <string>
#include <vector>

namespace stac::text {

/// One stage. Stages follow each other: each takes the words of the one before it and gives its own, in order.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;

  /// @param words  valid UTF-8 each
  [[nodiscard]] virtual std::vector<std::string> split(const std::vector<std::string>& words) const = 0;
};

}  // namespace stac::text
