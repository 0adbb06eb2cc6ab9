#include "stac/runtime/source_agreement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/scripted_sequence.hpp"
#include "stac/error.hpp"

namespace stac::runtime {
namespace {

using testing::ScriptedSequence;
using testing::SequenceLog;
using Ids = std::vector<std::int64_t>;

constexpr std::int64_t kEnd = 50;

// A source that counts on from the last id and ends after 9.
struct Source {
  Source()
      : sequence(std::make_unique<ScriptedSequence>(
                     log, 64, 100, [](const Ids& text) { return text.back() == 9 ? kEnd : text.back() + 1; }),
                 100) {}

  std::optional<Difference> compare(const Ids& prompt, const Ids& ids, std::optional<std::int64_t> stop) {
    Answer answer;
    answer.prompt_ids = prompt;
    answer.generated.ids = ids;
    answer.generated.stop_id = stop;
    return first_difference(sequence, answer, GenerationOptions{});
  }

  SequenceLog log;
  CachedSequence sequence;
};

TEST(SourceAgreement, TheSameAnswerHasNoDifference) {
  Source source;
  EXPECT_FALSE(source.compare({1, 6}, {7, 8, 9}, kEnd));
  EXPECT_FALSE(source.compare({1, 6}, {7, 8}, std::nullopt));  // cut by its length
  EXPECT_FALSE(source.compare({1, 6}, {}, std::nullopt));
}

TEST(SourceAgreement, TheFirstDifferenceIsNamedWithTheSourcesGap) {
  Source source;
  const auto difference = source.compare({1, 5}, {6, 7, 20, 21}, kEnd);
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->token, 2);
  EXPECT_EQ(difference->source_id, 8);
  EXPECT_EQ(difference->answer_id, 20);
  EXPECT_EQ(difference->source_gap, 1.0);
}

TEST(SourceAgreement, AnotherEndingIsADifference) {
  Source source;
  const auto early = source.compare({1, 6}, {7}, kEnd);
  ASSERT_TRUE(early);
  EXPECT_EQ(early->token, 1);
  EXPECT_EQ(early->source_id, 8);
  EXPECT_EQ(early->answer_id, kEnd);
  const auto late = source.compare({1, 8}, {9, 10}, std::nullopt);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->source_id, kEnd);
}

TEST(SourceAgreement, TheSourceReadsAConversationThatGoesOnOnlyOnce) {
  Source source;
  (void)source.compare({1, 6}, {7, 8, 9}, kEnd);
  source.log.appended.clear();
  (void)source.compare({1, 6, 7, 8, 9, kEnd, 2, 3}, {4}, std::nullopt);
  ASSERT_EQ(source.log.appended.size(), 1u);
  EXPECT_EQ(source.log.appended[0], (Ids{kEnd, 2, 3}));
}

TEST(SourceAgreement, SampledAnswersAreRefused) {
  Source source;
  GenerationOptions options;
  options.sampling.temperature = 0.5;
  EXPECT_THROW((void)first_difference(source.sequence, Answer{}, options), UsageError);
}

}  // namespace
}  // namespace stac::runtime
