#include "stac/io/safetensors.hpp"

#include <algorithm>
#include <utility>

#include "io/printable.hpp"
#include "io/safetensors_header.hpp"
#include "stac/error.hpp"
#include "stac/io/mapped_file.hpp"

namespace stac::io {
namespace {

constexpr std::size_t kLengthBytes = 8;

/// The little-endian length that opens the file.
std::uint64_t header_length(std::span<const std::byte> bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) length = length << 8U | std::to_integer<std::uint64_t>(bytes[i]);
  return length;
}

std::uint64_t checked_header_length(std::span<const std::byte> bytes, const std::string& file) {
  if (bytes.size() < kLengthBytes) {
    throw Error(file + ": too short for a safetensors file: " + std::to_string(bytes.size()) + " bytes",
                "the file looks cut off: fetch it again");
  }
  const std::uint64_t length = header_length(bytes);
  if (length > kLargestHeader) {
    throw Error(
        file + ": header too large: " + std::to_string(length) + " bytes, the format allows 100000000",
        "this does not look like a safetensors file: fetch it again, or convert it with the safetensors library");
  }
  if (length > bytes.size() - kLengthBytes) {
    throw Error(file + ": header outside the file: it ends at byte " + std::to_string(kLengthBytes + length) +
                    " but the file has " + std::to_string(bytes.size()),
                "the file looks cut off: fetch it again, or check its sha256");
  }
  return length;
}

}  // namespace

struct SafetensorsFile::Contents {
  std::shared_ptr<const MappedFile> file;
  std::span<const std::byte> data;
  SafetensorsHeader header;

  [[nodiscard]] const TensorEntry* find(const std::string& name) const {
    const auto entry = std::lower_bound(header.tensors.begin(), header.tensors.end(), name,
                                        [](const TensorEntry& a, const std::string& b) { return a.name < b; });
    return entry != header.tensors.end() && entry->name == name ? &*entry : nullptr;
  }
};

SafetensorsFile::SafetensorsFile(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
SafetensorsFile::~SafetensorsFile() = default;

std::shared_ptr<const SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path) {
  auto contents = std::make_unique<Contents>();
  contents->file = MappedFile::open(path);
  const std::span<const std::byte> bytes = contents->file->bytes();
  const std::uint64_t length = checked_header_length(bytes, path.string());
  const auto* text = reinterpret_cast<const char*>(bytes.data() + kLengthBytes);
  contents->data = bytes.subspan(kLengthBytes + length);
  contents->header = parse_safetensors_header({text, length}, contents->data.size(), path.string());
  return std::shared_ptr<const SafetensorsFile>(new SafetensorsFile(std::move(contents)));
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  names.reserve(contents_->header.tensors.size());
  for (const TensorEntry& entry : contents_->header.tensors) names.push_back(entry.name);
  return names;
}

bool SafetensorsFile::contains(const std::string& name) const { return contents_->find(name) != nullptr; }

TensorView SafetensorsFile::tensor(const std::string& name) const {
  const TensorEntry* entry = contents_->find(name);
  if (!entry) throw Error(contents_->file->path().string() + ": has no tensor " + in_quotes(name));
  return {entry->dtype, entry->shape, contents_->data.subspan(entry->begin, entry->end - entry->begin), contents_->file,
          true};
}

std::filesystem::path SafetensorsFile::file_of(const std::string&) const { return contents_->file->path(); }

const std::map<std::string, std::string>& SafetensorsFile::metadata() const { return contents_->header.metadata; }

}  // namespace stac::io
