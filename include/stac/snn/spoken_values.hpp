// What a population of neurons says of its membranes: the values that its spike trains decode to.
#pragma once
#include <cstdint>
#include <memory>

#include "stac/snn/population.hpp"

namespace stac::snn {

class CodeTable;

class SpokenValues {
 public:
  /// @throws stac::UsageError  the code is out of range
  explicit SpokenValues(Population population);
  ~SpokenValues();

  /// row[j] <- what its neuron says of it, and the population's rest. Rows may be spoken concurrently.
  /// @throws stac::Error  a membrane is NaN or infinite
  void apply(float* row, std::int64_t n) const;

 private:
  Population population_;
  std::unique_ptr<const CodeTable> table_;
};

}  // namespace stac::snn
