#include "stac/runtime/generation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "runtime/scripted_sequence.hpp"

namespace stac::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ScriptedSequence;
using testing::SequenceLog;

constexpr std::int64_t kVocabulary = 1000;
constexpr std::int64_t kPositions = 20;

// Counts on: after ... 7 comes 8.
std::int64_t counting(const std::vector<std::int64_t>& text) { return text.back() + 1; }

struct Counter {
  explicit Counter(std::int64_t positions = kPositions, ScriptedSequence::Rule rule = counting)
      : sequence(std::make_unique<ScriptedSequence>(log, kVocabulary, positions, std::move(rule)), positions) {}

  GenerationResult generate(const std::vector<std::int64_t>& prompt, const GenerationOptions& options,
                            const GenerationHooks& hooks = {}) {
    return runtime::generate(sequence, prompt, options, hooks);
  }

  SequenceLog log;
  CachedSequence sequence;
};

GenerationOptions at_most(std::int64_t tokens) {
  GenerationOptions options;
  options.max_new_tokens = tokens;
  return options;
}

TEST(Generation, StopsAtTheLengthAskedFor) {
  Counter counter;
  const GenerationResult result = counter.generate({5, 6}, at_most(3));
  EXPECT_THAT(result.ids, ElementsAre(7, 8, 9));
  EXPECT_EQ(result.reason, StopReason::length);
  EXPECT_FALSE(result.stop_id);
}

TEST(Generation, StopsAtAStopIdAndLeavesItOutOfTheAnswer) {
  Counter counter;
  GenerationOptions options = at_most(10);
  options.stop_ids = {400, 9};
  const GenerationResult result = counter.generate({5, 6}, options);
  EXPECT_THAT(result.ids, ElementsAre(7, 8));
  EXPECT_EQ(result.reason, StopReason::eos);
  EXPECT_EQ(result.stop_id, 9);
}

TEST(Generation, FillsTheContextToTheLastPositionAndNoFurther) {
  for (std::int64_t prompt_length = 1; prompt_length <= kPositions; ++prompt_length) {
    Counter counter;
    std::vector<std::int64_t> prompt(prompt_length);
    std::iota(prompt.begin(), prompt.end(), 1);
    const GenerationResult result = counter.generate(prompt, at_most(100));
    EXPECT_EQ(result.reason, StopReason::context_full);
    EXPECT_EQ(static_cast<std::int64_t>(result.ids.size()), kPositions - prompt_length);
  }
}

TEST(Generation, RefusesAPromptThatDoesNotFitAndReadsNothingOfIt) {
  Counter counter;
  (void)counter.generate({1, 2, 3}, at_most(1));
  const std::vector<std::int64_t> long_prompt(18, 4);
  EXPECT_THROW((void)counter.generate(long_prompt, at_most(1)), ContextFull);
  EXPECT_THAT(counter.log.ids, ElementsAre(1, 2, 3));
}

TEST(Generation, RefusesAnEmptyPromptAndANegativeLength) {
  Counter counter;
  EXPECT_THROW((void)counter.generate({}, at_most(1)), Error);
  EXPECT_THROW((void)counter.generate({1}, at_most(-1)), UsageError);
  EXPECT_THAT(counter.log.appended, IsEmpty());
}

TEST(Generation, ShowsEveryTokenAsItIsChosen) {
  Counter counter;
  std::vector<std::int64_t> seen;
  GenerationHooks hooks;
  hooks.on_token = [&](std::int64_t id) {
    seen.push_back(id);
    EXPECT_EQ(counter.log.ids.back() + 1, id);  // the token has not been read yet
  };
  (void)counter.generate({5}, at_most(4), hooks);
  EXPECT_THAT(seen, ElementsAre(6, 7, 8, 9));
}

TEST(Generation, CanBeCancelledBetweenTokens) {
  Counter counter;
  int tokens = 0;
  GenerationHooks hooks;
  hooks.on_token = [&](std::int64_t) { ++tokens; };
  hooks.cancelled = [&] { return tokens == 2; };
  const GenerationResult result = counter.generate({5}, at_most(10), hooks);
  EXPECT_EQ(result.reason, StopReason::cancelled);
  EXPECT_THAT(result.ids, ElementsAre(6, 7));
}

TEST(Generation, CanBeCancelledWithinALongPrompt) {
  Counter counter(2000);
  GenerationHooks hooks;
  hooks.cancelled = [&] { return !counter.log.appended.empty(); };
  const GenerationResult result = counter.generate(std::vector<std::int64_t>(1000, 1), at_most(10), hooks);
  EXPECT_EQ(result.reason, StopReason::cancelled);
  EXPECT_THAT(result.ids, IsEmpty());
  EXPECT_LT(counter.sequence.length(), 1000);
  EXPECT_EQ(counter.sequence.ids().size(), counter.log.ids.size());
}

TEST(Generation, ReadsAChosenTokenOnlyWhenTheNextIsWanted) {
  Counter counter;
  (void)counter.generate({5, 6}, at_most(2));
  EXPECT_THAT(counter.sequence.ids(), ElementsAre(5, 6, 7));
  EXPECT_EQ(counter.sequence.ids(), counter.log.ids);
}

TEST(Generation, NeverChoosesAnIdThatTheTokenizerDoesNotKnow) {
  Counter counter(kPositions, [](const std::vector<std::int64_t>&) { return std::int64_t{900}; });
  GenerationOptions options = at_most(5);
  options.vocabulary = 900;
  for (const std::int64_t id : counter.generate({5}, options).ids) EXPECT_LT(id, 900);
  options.sampling.temperature = 5;
  for (const std::int64_t id : counter.generate({5}, options).ids) EXPECT_LT(id, 900);
}

TEST(Generation, SaysTheSameInOneRunAndWhenTheTextWasReadBefore) {
  GenerationOptions options = at_most(8);
  options.sampling = {.temperature = 1.5, .top_k = 0, .top_p = 1, .repetition_penalty = 1.2, .seed = 11};
  Counter whole;
  const std::vector<std::int64_t> all = whole.generate({5, 6}, options).ids;
  Counter parts;
  options.max_new_tokens = 3;
  std::vector<std::int64_t> joined = parts.generate({5, 6}, options).ids;
  options.max_new_tokens = 5;
  const std::vector<std::int64_t> rest = parts.generate({joined.back()}, options).ids;
  joined.insert(joined.end(), rest.begin(), rest.end());
  EXPECT_EQ(joined, all);
}

TEST(CachedSequence, KeepsWhatATextBeginsWithAndForgetsTheRest) {
  Counter counter;
  (void)counter.sequence.append(std::vector<std::int64_t>{1, 2, 3}, model::LogitRows::last);
  EXPECT_EQ(counter.sequence.align(std::vector<std::int64_t>{1, 2, 3, 4}), 3);
  EXPECT_EQ(counter.sequence.align(std::vector<std::int64_t>{1, 2, 3}), 2);  // its last id has to give logits
  EXPECT_THAT(counter.log.ids, ElementsAre(1, 2));
  EXPECT_EQ(counter.sequence.align(std::vector<std::int64_t>{1, 9, 3, 4}), 1);
  EXPECT_EQ(counter.sequence.align(std::vector<std::int64_t>{7}), 0);
  EXPECT_THAT(counter.log.ids, IsEmpty());
}

TEST(CachedSequence, NoticesWhatItsSequenceHasLost) {
  Counter counter;
  (void)counter.sequence.append(std::vector<std::int64_t>{1, 2, 3}, model::LogitRows::last);
  counter.log.ids.clear();  // as a processor's budget may do
  EXPECT_EQ(counter.sequence.align(std::vector<std::int64_t>{1, 2, 3, 4}), 0);
  EXPECT_EQ(counter.sequence.length(), 0);
}

TEST(CachedSequence, ForgetsWhatItHeldWhenAReadingFails) {
  Counter counter;
  (void)counter.sequence.append(std::vector<std::int64_t>{1, 2}, model::LogitRows::last);
  counter.log.fail_next = 1;
  EXPECT_THROW((void)counter.sequence.append(std::vector<std::int64_t>{3}, model::LogitRows::last), std::runtime_error);
  EXPECT_EQ(counter.sequence.length(), 0);
  EXPECT_THAT(counter.log.ids, IsEmpty());
}

}  // namespace
}  // namespace stac::runtime
