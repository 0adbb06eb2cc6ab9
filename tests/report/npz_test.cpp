// Archives as Python's zipfile and NumPy read them.
#include "stac/report/npz.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/test_paths.hpp"

namespace stac::report {
namespace {

using ::testing::HasSubstr;

std::string archive() {
  NpzArchive npz;
  const std::vector<std::int8_t> signs{-1, 1, -1};
  const std::vector<std::uint8_t> steps{0, 7, 255};
  const std::vector<std::int32_t> neurons{0, -2, 2147483647};
  const std::vector<std::int64_t> ids{1, 1LL << 40};
  const std::vector<float> thresholds{0.5F, 1.25F};
  npz.add("sign", std::span<const std::int8_t>(signs));
  npz.add("timestep", std::span<const std::uint8_t>(steps));
  npz.add("neuron", std::span<const std::int32_t>(neurons));
  npz.add("token_ids", std::span<const std::int64_t>(ids));
  npz.add("profile", std::span<const float>(thresholds));
  npz.add("nothing", std::span<const double>());
  npz.add("texts", std::vector<std::string>{"a", " \xC3\xA9\xF0\x9F\x98\x80", "\xC3", ""});
  return npz.finish();
}

/// What a Python program says of the archive.
std::string python(const std::string& bytes, const std::string& program) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "a.npz", std::ios::binary) << bytes;
  std::ofstream(folder.path() / "program.py") << program;
  const std::string command = "cd '" + folder.path().string() + "' && python3 program.py > out 2>&1";
  const bool done = std::system(command.c_str()) == 0;
  std::ifstream out(folder.path() / "out");
  return (done ? "0: " : "failed: ") + std::string(std::istreambuf_iterator<char>(out), {});
}

TEST(Npz, IsWhatNumpyReads) {
  EXPECT_THAT(python(archive(),
                     "import numpy\n"
                     "f = numpy.load('a.npz', allow_pickle=False)\n"
                     "assert f['sign'].tolist() == [-1, 1, -1] and f['sign'].dtype == numpy.int8\n"
                     "assert f['timestep'].tolist() == [0, 7, 255]\n"
                     "assert f['neuron'].tolist() == [0, -2, 2147483647]\n"
                     "assert f['token_ids'].tolist() == [1, 1 << 40]\n"
                     "assert f['profile'].tolist() == [0.5, 1.25] and f['profile'].dtype == numpy.float32\n"
                     "assert f['nothing'].shape == (0,) and f['nothing'].dtype == numpy.float64\n"
                     "assert f['texts'].tolist() == ['a', ' \\u00e9\\U0001f600', '\\ufffd', '']\n"),
              HasSubstr("0: "));
}

TEST(Npz, HasChecksumsThatHold) {
  const std::string check = "import zipfile\nprint(zipfile.ZipFile('a.npz').testzip())\n";
  EXPECT_THAT(python(archive(), check), HasSubstr("0: None"));
  std::string damaged = archive();
  damaged[damaged.find("NUMPY") + 127] = '\x55';
  EXPECT_THAT(python(damaged, check), HasSubstr("sign.npy"));
}

TEST(Npz, IsAFunctionOfItsNumbers) { EXPECT_EQ(archive(), archive()); }

}  // namespace
}  // namespace stac::report
