// Arrays as NumPy reads them: an .npz is a zip of .npy files (numpy.lib.format, version 1.0), stored without
// compression.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stac::report {

class NpzArchive {
 public:
  /// One-dimensional arrays. @param name  without ".npy"; unlike every other's
  void add(const std::string& name, std::span<const std::int8_t> values);
  void add(const std::string& name, std::span<const std::uint8_t> values);
  void add(const std::string& name, std::span<const std::int32_t> values);
  void add(const std::string& name, std::span<const std::int64_t> values);
  void add(const std::string& name, std::span<const float> values);
  void add(const std::string& name, std::span<const double> values);
  /// An array of texts, UTF-8; NumPy holds them as '<U'.
  void add(const std::string& name, const std::vector<std::string>& texts);

  /// The whole file. Nothing can be added afterwards.
  /// @throws stac::Error  it would pass the 4 GiB that a zip without extensions holds
  [[nodiscard]] std::string finish();

 private:
  struct Entry {
    std::string name;
    std::uint32_t crc = 0;
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
  };

  void add_array(const std::string& name, const std::string& type, std::size_t count, std::string_view bytes);

  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace stac::report
