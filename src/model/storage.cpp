#include "stac/model/storage.hpp"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <algorithm>
#include <array>

#include "stac/error.hpp"

namespace stac::model {
namespace {

constexpr std::array kMembraneFormats{MembraneFormat::f32, MembraneFormat::bf16, MembraneFormat::f16};
constexpr std::array kCacheFormats{CacheFormat::f32, CacheFormat::bf16, CacheFormat::f16, CacheFormat::int8};

template <typename Stored>
void pass_through(float* values, std::int64_t count) {
  std::transform(values, values + count, values, [](float value) { return static_cast<float>(Stored(value)); });
}

}  // namespace

std::string_view format_name(MembraneFormat format) { return format_name(cache_format_of(format)); }

std::string_view format_name(CacheFormat format) {
  switch (format) {
    case CacheFormat::f32:
      return "f32";
    case CacheFormat::bf16:
      return "bf16";
    case CacheFormat::f16:
      return "f16";
    case CacheFormat::int8:
      return "int8";
  }
  return "";
}

std::string storage_name(const Storage& storage) {
  std::string name(format_name(storage.membranes));
  if (storage.cache != cache_format_of(storage.membranes)) name.append(", cache ").append(format_name(storage.cache));
  return name;
}

MembraneFormat parse_membrane_format(const std::string& name) {
  for (const MembraneFormat format : kMembraneFormats) {
    if (name == format_name(format)) return format;
  }
  throw UsageError("'" + name + "' is no format of membranes", "take f32, bf16 or f16");
}

CacheFormat parse_cache_format(const std::string& name) {
  for (const CacheFormat format : kCacheFormats) {
    if (name == format_name(format)) return format;
  }
  throw UsageError("'" + name + "' is no format of cached keys and values", "take f32, bf16, f16 or int8");
}

CacheFormat cache_format_of(MembraneFormat membranes) {
  switch (membranes) {
    case MembraneFormat::bf16:
      return CacheFormat::bf16;
    case MembraneFormat::f16:
      return CacheFormat::f16;
    default:
      return CacheFormat::f32;
  }
}

void store(MembraneFormat format, float* values, std::int64_t count) { store(cache_format_of(format), values, count); }

void store(CacheFormat format, float* values, std::int64_t count) {
  switch (format) {
    case CacheFormat::bf16:
      return pass_through<c10::BFloat16>(values, count);
    case CacheFormat::f16:
      return pass_through<c10::Half>(values, count);
    case CacheFormat::f32:
    case CacheFormat::int8:
      return;
  }
}

}  // namespace stac::model
