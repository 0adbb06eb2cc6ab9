#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/printable.hpp"
#include "io/safetensors_header.hpp"
#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/mapped_file.hpp"
#include "stac/io/safetensors.hpp"

namespace stac::io {
namespace {

constexpr std::size_t kAlignment = 8;

[[noreturn]] void refuse(const std::string& file, const std::string& name, const std::string& rule) {
  throw Error(file + ": tensor " + in_quotes(name) + " cannot be written: " + rule);
}

/// Rank of a dtype in the reference implementation's layout: wide elements first, which keeps every tensor aligned.
std::size_t layout_rank(DType dtype) {
  constexpr std::array kOrder = {DType::u64, DType::i64, DType::f64, DType::f32, DType::u32, DType::i32,    DType::bf16,
                                 DType::f16, DType::u16, DType::i16, DType::i8,  DType::u8,  DType::boolean};
  return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), dtype) - kOrder.begin());
}

void sort_for_layout(std::vector<NamedTensor>& tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const NamedTensor& a, const NamedTensor& b) {
    const std::size_t a_rank = layout_rank(a.dtype);
    const std::size_t b_rank = layout_rank(b.dtype);
    return a_rank != b_rank ? a_rank < b_rank : a.name < b.name;
  });
}

void check(const std::vector<NamedTensor>& tensors, const std::string& file) {
  std::vector<const std::string*> names;
  for (const NamedTensor& tensor : tensors) {
    names.push_back(&tensor.name);
    if (tensor.name == kMetadataKey) refuse(file, tensor.name, "the name is reserved");
    if (tensor.shape.size() > kMostDimensions) refuse(file, tensor.name, "shape has more than 64 dimensions");
    if (byte_count(tensor.dtype, tensor.shape) != tensor.bytes.size()) {
      refuse(file, tensor.name, "its " + std::to_string(tensor.bytes.size()) + " bytes do not fit its shape and dtype");
    }
  }
  std::sort(names.begin(), names.end(), [](const auto* a, const auto* b) { return *a < *b; });
  const auto twice =
      std::adjacent_find(names.begin(), names.end(), [](const auto* a, const auto* b) { return *a == *b; });
  if (twice != names.end()) refuse(file, **twice, "there are two of that name");
}

std::string compact(const nlohmann::ordered_json& value, const std::string& file) {
  try {
    return value.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(file + ": a tensor name or metadata entry is not UTF-8");
  }
}

/// The header's JSON, padded with blanks so that the data start at a multiple of 8.
std::string make_header(const std::vector<NamedTensor>& tensors, const std::map<std::string, std::string>& metadata,
                        const std::string& file) {
  // Names go in as text: an ordered_json object of n keys costs n^2 comparisons.
  std::string header;
  if (!metadata.empty()) header += std::string("\"") + kMetadataKey + "\":" + compact(metadata, file);
  std::uint64_t offset = 0;
  for (const NamedTensor& tensor : tensors) {
    nlohmann::ordered_json entry;
    entry["dtype"] = dtype_name(tensor.dtype);
    entry["shape"] = tensor.shape;
    entry["data_offsets"] = {offset, offset + tensor.bytes.size()};
    if (!header.empty()) header += ',';
    header += compact(tensor.name, file) + ":" + compact(entry, file);
    offset += tensor.bytes.size();
  }
  header = "{" + header + "}";
  header.append((kAlignment - header.size() % kAlignment) % kAlignment, ' ');
  if (header.size() > kLargestHeader) throw Error(file + ": header too large: the format allows 100000000 bytes");
  return header;
}

std::string little_endian(std::uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  return bytes;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  check(tensors, path.string());
  sort_for_layout(tensors);
  const std::string header = make_header(tensors, metadata, path.string());
  AtomicFile file(path);
  file.write(little_endian(header.size()));
  file.write(header);
  for (const NamedTensor& tensor : tensors) {
    file.write(tensor.bytes);
    if (tensor.mapped) give_back(tensor.bytes);
  }
  file.publish();
}

}  // namespace stac::io
