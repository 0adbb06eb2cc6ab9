#include "stac/convert/calibration_text.hpp"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include "convert_test_support.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testing::TemporaryFolder;

constexpr std::int64_t kLength = 16;

class CalibrationTextTest : public ::testing::Test {
 protected:
  CalibrationTextTest() {
    testing::write_tiny_checkpoint(temporary_.path() / "m", {.vocab = 264});
    testing::write_tiny_tokenizer(temporary_.path() / "m");
    checkpoint_ = io::open_checkpoint(temporary_.path() / "m");
    network_ = network_of(convert(checkpoint_, {}));
  }

  /// A file of so many samples; token i is that of the byte 'a' + i / kLength.
  [[nodiscard]] CalibrationRequest from_file(std::int64_t samples) const {
    std::string text;
    for (std::int64_t i = 0; i < samples * kLength; ++i) text += static_cast<char>('a' + i / kLength);
    const fs::path file = temporary_.path() / "book.txt";
    write_bytes(file, text);
    return {.file = file, .length = kLength, .seed = 5};
  }
  [[nodiscard]] CalibrationText take(const CalibrationRequest& request, const CalibrationNeed& need) const {
    return calibration_text(request, checkpoint_, *network_, need);
  }
  /// Which samples of the file these are.
  static std::vector<std::int64_t> places(const std::vector<std::vector<std::int64_t>>& samples) {
    std::vector<std::int64_t> result;
    for (const auto& sample : samples) result.push_back(sample.front() - ('a' + 1));
    return result;
  }

  TemporaryFolder temporary_;
  io::Checkpoint checkpoint_;
  std::shared_ptr<const snn::SpikingModel> network_;
};

TEST_F(CalibrationTextTest, OfAFileHasWitnessesThatTheModelSaysItself) {
  const CalibrationText text = take(from_file(6), {.tokens = 4 * kLength});
  EXPECT_EQ(text.origin, "book.txt");
  EXPECT_THAT(places(text.samples), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(text.witnesses, sample_texts(*network_, 2, kLength, 5));
  EXPECT_THAT(text.set_aside, IsEmpty());
  EXPECT_THAT(text.fallbacks, IsEmpty());
}

TEST_F(CalibrationTextTest, OfTheModelsOwnNeedsNoWitnesses) {
  const CalibrationText text = take({.length = kLength}, {.tokens = 4 * kLength});
  EXPECT_EQ(text.origin, "self-generated");
  EXPECT_THAT(text.samples, SizeIs(4));
  EXPECT_THAT(text.witnesses, IsEmpty());
}

TEST_F(CalibrationTextTest, SetsSamplesOfEachKindAside) {
  const CalibrationText text = take(from_file(18), {.tokens = 4 * kLength, .set_aside = true});
  EXPECT_THAT(text.samples, SizeIs(14));
  ASSERT_THAT(text.set_aside, SizeIs(2));
  EXPECT_EQ(text.set_aside[0].origin, "book.txt");
  EXPECT_THAT(places(text.set_aside[0].samples), ElementsAre(14, 15, 16, 17));
  EXPECT_EQ(text.set_aside[1].origin, "self-generated");
  EXPECT_THAT(text.set_aside[1].samples, SizeIs(4));
  for (const auto& sample : text.set_aside[1].samples) EXPECT_THAT(text.witnesses, Not(::testing::Contains(sample)));
}

TEST_F(CalibrationTextTest, LeavesAShortFileToTheFit) {
  const CalibrationText text = take(from_file(3), {.tokens = 2 * kLength, .set_aside = true});
  EXPECT_THAT(text.samples, SizeIs(3));
  ASSERT_THAT(text.set_aside, SizeIs(1));
  EXPECT_EQ(text.set_aside[0].origin, "self-generated");
}

TEST_F(CalibrationTextTest, PutsTheModelsOwnBesideAFileWhereThatIsWanted) {
  const CalibrationText text = take(from_file(6), {.tokens = 4 * kLength, .own_beside_file = true});
  EXPECT_EQ(text.origin, "book.txt and self-generated text");
  EXPECT_THAT(text.samples, SizeIs(10));
  EXPECT_THAT(text.fallbacks, IsEmpty());
}

TEST_F(CalibrationTextTest, TopsAShortFileUpAndSaysSo) {
  const CalibrationText text = take(from_file(2), {.tokens = 5 * kLength});
  EXPECT_EQ(text.origin, "book.txt, topped up with self-generated text");
  EXPECT_THAT(text.samples, SizeIs(5));
  EXPECT_THAT(text.fallbacks, ElementsAre(HasSubstr("it has 32 tokens, and 80 are needed")));
}

TEST_F(CalibrationTextTest, IsAFunctionOfItsSeedWhateverTheThreads) {
  const CalibrationNeed need{.tokens = 4 * kLength, .own_beside_file = true, .set_aside = true};
  CalibrationRequest request = from_file(12);
  const int threads = at::get_num_threads();
  model::set_threads(1);
  const CalibrationText one = take(request, need);
  model::set_threads(2);
  const CalibrationText two = take(request, need);
  model::set_threads(threads);
  EXPECT_EQ(one.samples, two.samples);
  EXPECT_EQ(one.witnesses, two.witnesses);
  EXPECT_EQ(one.set_aside[1].samples, two.set_aside[1].samples);
  request.seed = 6;
  EXPECT_NE(take(request, need).witnesses, one.witnesses);
}

TEST(BundledCalibrationText, IsThere) { EXPECT_TRUE(fs::is_regular_file(bundled_calibration_text())); }

}  // namespace
}  // namespace stac::convert
