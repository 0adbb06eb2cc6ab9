// One safetensors file, memory-mapped: https://huggingface.co/docs/safetensors, "Format".
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "stac/io/tensor_store.hpp"

namespace stac::io {

/// Opens and checks a file. Every rule of the format is enforced before anything is used:
/// the header is at most 100,000,000 bytes, lies inside the file, and is one JSON object without duplicate keys;
/// `__metadata__` maps strings to strings; a tensor has dtype, shape and data_offsets, and nothing else;
/// its byte count is shape x dtype (overflow checked); the tensors cover the data without holes or overlaps.
/// Beyond the format, for the reader's own sake: at most 64 dimensions, at most a million metadata entries.
class SafetensorsFile final : public TensorStore {
 public:
  /// @throws stac::Error naming the file, the tensor and the rule
  static std::shared_ptr<const SafetensorsFile> open(const std::filesystem::path& path);

  [[nodiscard]] std::vector<std::string> names() const override;
  [[nodiscard]] bool contains(const std::string& name) const override;
  [[nodiscard]] TensorView tensor(const std::string& name) const override;
  [[nodiscard]] std::filesystem::path file_of(const std::string& name) const override;
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const;

  ~SafetensorsFile() override;
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

 private:
  struct Contents;
  explicit SafetensorsFile(std::unique_ptr<Contents> contents);
  std::unique_ptr<Contents> contents_;
};

/// A tensor for write_safetensors; the bytes are borrowed.
struct NamedTensor {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  ///< row-major, exactly shape x dtype
  bool mapped = false;               ///< of a MappedFile, whose pages leave memory once they are written
};

/// Writes a file beside its place, syncs it, and renames it in: readers see the old file or the whole new one.
/// The bytes are a function of the arguments alone: tensors are laid out by falling dtype size and rising name, as the
/// reference implementation does, and the data start at a multiple of 8.
/// @throws stac::Error naming file and tensor: a name twice or reserved or not UTF-8, bytes that do not fit the shape,
///         a header above 100,000,000 bytes, a full disk
void write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace stac::io
