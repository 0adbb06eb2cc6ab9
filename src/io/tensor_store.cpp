#include "stac/io/tensor_store.hpp"

#include <array>
#include <stdexcept>

namespace stac::io {
namespace {

struct DTypeFacts {
  DType dtype;
  const char* name;
  std::size_t bytes;
};

constexpr std::array<DTypeFacts, 13> kDTypes = {{{DType::f64, "F64", 8},
                                                 {DType::f32, "F32", 4},
                                                 {DType::f16, "F16", 2},
                                                 {DType::bf16, "BF16", 2},
                                                 {DType::i64, "I64", 8},
                                                 {DType::i32, "I32", 4},
                                                 {DType::i16, "I16", 2},
                                                 {DType::i8, "I8", 1},
                                                 {DType::u64, "U64", 8},
                                                 {DType::u32, "U32", 4},
                                                 {DType::u16, "U16", 2},
                                                 {DType::u8, "U8", 1},
                                                 {DType::boolean, "BOOL", 1}}};

const DTypeFacts& facts(DType dtype) {
  for (const DTypeFacts& entry : kDTypes) {
    if (entry.dtype == dtype) return entry;
  }
  throw std::logic_error("a dtype without facts");
}

}  // namespace

std::size_t bytes_per_element(DType dtype) { return facts(dtype).bytes; }

const char* dtype_name(DType dtype) { return facts(dtype).name; }

bool is_float(DType dtype) {
  return dtype == DType::f64 || dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16;
}

std::optional<DType> parse_dtype(std::string_view name) {
  for (const DTypeFacts& entry : kDTypes) {
    if (name == entry.name) return entry.dtype;
  }
  return std::nullopt;
}

}  // namespace stac::io
