// In how many bits a number waits between two uses. Arithmetic stays in f32 or wider, as accelerators with 16-bit
// memory and wide accumulators do it (Micikevicius et al., "Mixed Precision Training", arXiv:1710.03740).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace stac::model {

enum class MembraneFormat { f32, bf16, f16 };

/// int8: bytes, in steps that a head's key or value of one token has to itself.
enum class CacheFormat { f32, bf16, f16, int8 };

struct Storage {
  MembraneFormat membranes = MembraneFormat::f32;
  CacheFormat cache = CacheFormat::f32;

  bool operator==(const Storage&) const = default;
};

[[nodiscard]] std::string_view format_name(MembraneFormat format);
[[nodiscard]] std::string_view format_name(CacheFormat format);
/// "bf16" where membranes and cache are alike, else "f32, cache int8".
[[nodiscard]] std::string storage_name(const Storage& storage);

/// @throws stac::UsageError  none of f32, bf16, f16
[[nodiscard]] MembraneFormat parse_membrane_format(const std::string& name);
/// @throws stac::UsageError  none of f32, bf16, f16, int8
[[nodiscard]] CacheFormat parse_cache_format(const std::string& name);

/// A cache in the membranes' own format.
[[nodiscard]] CacheFormat cache_format_of(MembraneFormat membranes);

/// What comes back of each value: the nearest that the format holds, ties to even. Beyond f16's 65504: infinite.
void store(MembraneFormat format, float* values, std::int64_t count);
/// The same of keys and values before they are rounded to a cache's grid. int8, which is rounded there: unchanged.
void store(CacheFormat format, float* values, std::int64_t count);

}  // namespace stac::model
