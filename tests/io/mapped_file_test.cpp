#include "stac/io/mapped_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

#include "support/test_paths.hpp"

namespace stac::io {
namespace {

constexpr std::size_t kSize = std::size_t{32} << 20U;

std::string content() {
  std::string bytes(kSize, '\0');
  for (std::size_t i = 0; i < kSize; ++i) bytes[i] = static_cast<char>(i * 7 + i / 4096);
  return bytes;
}

/// Pages of files that this process has in memory (proc(5), statm).
std::int64_t file_pages() {
  std::int64_t size = 0, resident = 0, shared = 0;
  std::ifstream("/proc/self/statm") >> size >> resident >> shared;
  return shared;
}

TEST(MappedFile, GivesItsPagesBackAndReadsThemAgain) {
  const testing::TemporaryFolder folder;
  const std::string expected = content();
  std::ofstream(folder.path() / "f", std::ios::binary) << expected;
  const auto file = MappedFile::open(folder.path() / "f");
  const auto same = [&] {
    return std::ranges::equal(file->bytes(), expected,
                              [](std::byte a, char b) { return a == static_cast<std::byte>(b); });
  };
  const std::int64_t pages = static_cast<std::int64_t>(kSize) / ::sysconf(_SC_PAGESIZE);
  const std::int64_t before = file_pages();
  EXPECT_TRUE(same());
  EXPECT_GT(file_pages() - before, pages * 9 / 10);
  give_back(file->bytes().subspan(1));  // whole pages only: the first stays
  EXPECT_LT(file_pages() - before, pages / 10);
  EXPECT_TRUE(same());
}

}  // namespace
}  // namespace stac::io
