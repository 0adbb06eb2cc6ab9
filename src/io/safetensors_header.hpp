// The JSON header of a safetensors file, parsed and checked.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stac/io/tensor_store.hpp"

namespace stac::io {

inline constexpr std::uint64_t kLargestHeader = 100'000'000;
inline constexpr std::size_t kMostDimensions = 64;
inline constexpr std::size_t kMostMetadata = 1'000'000;
inline constexpr const char* kMetadataKey = "__metadata__";

struct TensorEntry {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  ///< bytes from the start of the data
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<TensorEntry> tensors;  ///< sorted by name
  std::map<std::string, std::string> metadata;
};

/// Bytes of a tensor, or nullopt where the count does not fit 64 bits.
[[nodiscard]] std::optional<std::uint64_t> byte_count(DType dtype, const std::vector<std::int64_t>& shape);

/// @param text       the header's bytes
/// @param data_size  bytes of the file after the header
/// @throws stac::Error naming file, tensor and rule
[[nodiscard]] SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_size,
                                                         const std::string& file);

}  // namespace stac::io
