#include "stac/io/finite.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "stac/io/mapped_file.hpp"

namespace stac::io {
namespace {

constexpr std::size_t kBlock = std::size_t{16} << 20U;  // bytes

/// The bits of a floating-point format that are all ones in NaN and infinity, and in nothing else.
template <typename Bits>
struct Format {
  Bits exponent;
  Bits fraction;
};

template <typename Bits>
Bits element(std::span<const std::byte> bytes, std::size_t index) {
  Bits bits;
  std::memcpy(&bits, bytes.data() + index * sizeof bits, sizeof bits);  // views may be unaligned
  return bits;
}

template <typename Bits>
bool all_finite(std::span<const std::byte> bytes, Bits exponent) {
  bool found = false;
  const std::size_t count = bytes.size() / sizeof(Bits);
  for (std::size_t i = 0; i < count; ++i) found |= (element<Bits>(bytes, i) & exponent) == exponent;
  return !found;
}

template <typename Bits>
std::optional<NotFinite> scan(const TensorView& tensor, const Format<Bits>& format) {
  const std::span<const std::byte> bytes = tensor.bytes;
  for (std::size_t first = 0; first < bytes.size(); first += kBlock) {
    const auto block = bytes.subspan(first, std::min(kBlock, bytes.size() - first));
    if (all_finite(block, format.exponent)) {
      if (tensor.mapped) give_back(block);
      continue;
    }
    for (std::size_t i = 0;; ++i) {
      const Bits bits = element<Bits>(block, i);
      if ((bits & format.exponent) != format.exponent) continue;
      return NotFinite{static_cast<std::int64_t>(first / sizeof(Bits) + i), (bits & format.fraction) != 0};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<NotFinite> find_not_finite(const TensorView& tensor) {
  switch (tensor.dtype) {
    case DType::f64:
      return scan<std::uint64_t>(tensor, {0x7FF0000000000000U, 0x000FFFFFFFFFFFFFU});
    case DType::f32:
      return scan<std::uint32_t>(tensor, {0x7F800000U, 0x007FFFFFU});
    case DType::f16:
      return scan<std::uint16_t>(tensor, {0x7C00U, 0x03FFU});
    case DType::bf16:
      return scan<std::uint16_t>(tensor, {0x7F80U, 0x007FU});
    default:
      return std::nullopt;
  }
}

}  // namespace stac::io
