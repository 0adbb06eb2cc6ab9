// Looks for NaN and infinity in stored numbers, by their bits: nothing is converted or copied.
#pragma once
#include <cstdint>
#include <optional>

#include "stac/io/tensor_store.hpp"

namespace stac::io {

struct NotFinite {
  std::int64_t element = 0;  ///< row-major
  bool nan = false;          ///< else an infinity
};

/// The first element that is not a number; nothing for integers. Memory of a mapped file is given back block by block.
[[nodiscard]] std::optional<NotFinite> find_not_finite(const TensorView& tensor);

}  // namespace stac::io
