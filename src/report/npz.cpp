#include "stac/report/npz.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "report/utf8.hpp"
#include "stac/error.hpp"

namespace stac::report {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie in memory, little-endian");

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kEnd = 0x06054b50;
constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kDate = 0x21;  // 1980-01-01: the same numbers give the same file

/// ISO 3309, as zip has it: the polynomial 0xEDB88320, reflected.
std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
    table[byte] = value;
  }
  return table;
}

std::uint32_t crc_of(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = crc_table();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
}

template <typename Number>
void put(std::string& bytes, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>((value >> (8U * i)) & 0xFFU);
}

/// What both of an entry's headers say of it.
void put_description(std::string& bytes, std::uint32_t crc, std::uint32_t size, const std::string& name) {
  put<std::uint16_t>(bytes, kVersion);
  put<std::uint16_t>(bytes, 0);  // flags
  put<std::uint16_t>(bytes, 0);  // stored
  put<std::uint16_t>(bytes, 0);  // time
  put<std::uint16_t>(bytes, kDate);
  put<std::uint32_t>(bytes, crc);
  put<std::uint32_t>(bytes, size);
  put<std::uint32_t>(bytes, size);
  put<std::uint16_t>(bytes, static_cast<std::uint16_t>(name.size()));
  put<std::uint16_t>(bytes, 0);  // extra field
}

std::string npy_header(const std::string& type, std::size_t count) {
  constexpr std::size_t kAlignment = 64, kBefore = 10;  // magic, version, the header's length
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }";
  header.append((kAlignment - (kBefore + header.size() + 1) % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += '\x01';
  bytes += '\0';
  put<std::uint16_t>(bytes, static_cast<std::uint16_t>(header.size()));
  return bytes + header;
}

/// Code points; what is no UTF-8 as U+FFFD.
std::u32string code_points(std::string_view text) {
  std::u32string points;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text.substr(i));
    if (length == 0) {
      points += U'\uFFFD';
      ++i;
      continue;
    }
    std::uint32_t point = static_cast<unsigned char>(text[i]);
    if (length > 1) point &= 0xFFU >> (length + 1);
    for (std::size_t k = 1; k < length; ++k) {
      point = point << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    points += static_cast<char32_t>(point);
    i += length;
  }
  return points;
}

template <typename Value>
std::string_view bytes_of(std::span<const Value> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

void NpzArchive::add(const std::string& name, std::span<const std::int8_t> values) {
  add_array(name, "|i1", values.size(), bytes_of(values));
}
void NpzArchive::add(const std::string& name, std::span<const std::uint8_t> values) {
  add_array(name, "|u1", values.size(), bytes_of(values));
}
void NpzArchive::add(const std::string& name, std::span<const std::int32_t> values) {
  add_array(name, "<i4", values.size(), bytes_of(values));
}
void NpzArchive::add(const std::string& name, std::span<const std::int64_t> values) {
  add_array(name, "<i8", values.size(), bytes_of(values));
}
void NpzArchive::add(const std::string& name, std::span<const float> values) {
  add_array(name, "<f4", values.size(), bytes_of(values));
}
void NpzArchive::add(const std::string& name, std::span<const double> values) {
  add_array(name, "<f8", values.size(), bytes_of(values));
}

void NpzArchive::add(const std::string& name, const std::vector<std::string>& texts) {
  std::vector<std::u32string> all;
  std::size_t longest = 1;
  for (const std::string& text : texts) {
    all.push_back(code_points(text));
    longest = std::max(longest, all.back().size());
  }
  std::u32string padded;
  for (std::u32string& points : all) {
    points.resize(longest, U'\0');
    padded += points;
  }
  add_array(name, "<U" + std::to_string(longest), texts.size(),
            {reinterpret_cast<const char*>(padded.data()), padded.size() * sizeof(char32_t)});
}

void NpzArchive::add_array(const std::string& name, const std::string& type, std::size_t count,
                           std::string_view bytes) {
  std::string content = npy_header(type, count);
  content += bytes;
  if (bytes_.size() + content.size() + (std::size_t{1} << 20U) > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("an .npz of more than 4 GiB", "record fewer tokens: --spike-tokens");
  }
  Entry entry{name + ".npy", crc_of(content), static_cast<std::uint32_t>(content.size()),
              static_cast<std::uint32_t>(bytes_.size())};
  put<std::uint32_t>(bytes_, kLocalHeader);
  put_description(bytes_, entry.crc, entry.size, entry.name);
  bytes_ += entry.name + content;
  entries_.push_back(std::move(entry));
}

std::string NpzArchive::finish() {
  const auto directory = static_cast<std::uint32_t>(bytes_.size());
  for (const Entry& entry : entries_) {
    put<std::uint32_t>(bytes_, kCentralHeader);
    put<std::uint16_t>(bytes_, kVersion);
    put_description(bytes_, entry.crc, entry.size, entry.name);
    put<std::uint16_t>(bytes_, 0);  // comment
    put<std::uint16_t>(bytes_, 0);  // disk
    put<std::uint16_t>(bytes_, 0);  // internal attributes
    put<std::uint32_t>(bytes_, 0);  // external attributes
    put<std::uint32_t>(bytes_, entry.offset);
    bytes_ += entry.name;
  }
  const auto size = static_cast<std::uint32_t>(bytes_.size()) - directory;
  const auto count = static_cast<std::uint16_t>(entries_.size());
  put<std::uint32_t>(bytes_, kEnd);
  put<std::uint32_t>(bytes_, 0);  // disks
  put<std::uint16_t>(bytes_, count);
  put<std::uint16_t>(bytes_, count);
  put<std::uint32_t>(bytes_, size);
  put<std::uint32_t>(bytes_, directory);
  put<std::uint16_t>(bytes_, 0);  // comment
  return std::move(bytes_);
}

}  // namespace stac::report
