#include "stac/io/sha256.hpp"

#include <gtest/gtest.h>

#include "io/io_test_support.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

// FIPS 180-4 examples, as NIST publishes them.
TEST(Sha256, AgreesWithThePublishedExamples) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesHashLikeTheWhole) {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  EXPECT_EQ(hash.hex(), sha256_of("abc"));
}

TEST(Sha256, AFileHashesLikeItsBytes) {
  const stac::testing::TemporaryFolder folder;
  const std::string bytes = std::string(3'000'001, 'x') + std::string("\0y", 2);
  testing::write_bytes(folder.path() / "f", bytes);
  EXPECT_EQ(sha256_of_file(folder.path() / "f"), sha256_of(bytes));
}

}  // namespace
}  // namespace stac::io
