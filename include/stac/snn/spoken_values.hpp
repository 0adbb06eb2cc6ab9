// What a population of neurons says of its membranes: the values that its spike trains decode to.
#pragma once
#include <cstdint>
#include <memory>

#include "stac/snn/phase_code.hpp"

namespace stac::snn {

class CodeTable;

class SpokenValues {
 public:
  /// @throws stac::UsageError  the code is out of range
  explicit SpokenValues(const PhaseCode& code);
  ~SpokenValues();

  /// row[j] <- the nearest value that a window can say under the row's adaptive threshold. Rows may be spoken
  /// concurrently.
  /// @throws stac::Error  a membrane is NaN or infinite
  void apply(float* row, std::int64_t n) const;

 private:
  std::unique_ptr<const CodeTable> table_;
};

}  // namespace stac::snn
