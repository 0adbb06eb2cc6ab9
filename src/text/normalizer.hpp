// Normalizers: how a text is rewritten before it is split into words.
#pragma once
#include <string>

namespace stac::text {

class Normalizer {
 public:
  virtual ~Normalizer() = default;

  /// @param text  valid UTF-8
  [[nodiscard]] virtual std::string normalize(std::string text) const = 0;
};

}  // namespace stac::text
