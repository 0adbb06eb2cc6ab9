// Named tensors of a checkpoint, from one safetensors file or from the shards of an index.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stac::io {

enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };

[[nodiscard]] std::size_t bytes_per_element(DType dtype);
/// The format's own spelling: "F32", "BF16", ...
[[nodiscard]] const char* dtype_name(DType dtype);
/// f64, f32, f16 or bf16.
[[nodiscard]] bool is_float(DType dtype);
/// The dtype that a safetensors file spells `name`; nullopt for one that STAC does not read.
[[nodiscard]] std::optional<DType> parse_dtype(std::string_view name);

/// A tensor inside a mapped file: nothing is copied. Valid as long as `owner` lives.
struct TensorView {
  DType dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;   ///< row-major, may be unaligned
  std::shared_ptr<const void> owner;  ///< keeps the mapping
  bool mapped = false;                ///< the bytes are those of a file mapped read-only
};

class TensorStore {
 public:
  virtual ~TensorStore() = default;
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;  ///< sorted
  [[nodiscard]] virtual bool contains(const std::string& name) const = 0;
  /// @throws stac::Error naming file and tensor if there is none of that name
  [[nodiscard]] virtual TensorView tensor(const std::string& name) const = 0;
  /// The file that holds a tensor, for messages.
  [[nodiscard]] virtual std::filesystem::path file_of(const std::string& name) const = 0;
};

}  // namespace stac::io
