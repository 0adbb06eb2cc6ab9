#include "stac/runtime/context_overflow.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "runtime/batches.hpp"
#include "runtime/letter_tokenizer.hpp"
#include "runtime/small_networks.hpp"
#include "stac/model/dense_model.hpp"
#include "stac/runtime/conversation.hpp"
#include "stac/runtime/processor_sequence.hpp"

namespace stac::runtime {
namespace {

using ::testing::ElementsAre;
using testing::Ids;
using ::testing::IsEmpty;
using testing::LetterTokenizer;
using testing::Random;
using testing::size_of;

std::string render(std::span<const Message> messages) {
  std::string text;
  for (const Message& message : messages) text += '[' + message.role.substr(0, 1) + ']' + message.content;
  return text + "[a]";
}

Ids encode(std::span<const Message> messages) { return LetterTokenizer().encode_chat(render(messages)); }

std::string known_text(const KnownText& text) {
  return LetterTokenizer().decode(known_ids(text, encode), text::Specials::keep);
}

// "[s]S" is 2 ids, "[u]aaaa[a]bbb" 9, the last "[u]c[a]" 3.
KnownText four_turns() {
  KnownText text;
  text.messages = {{"system", "S"}};
  for (int i = 0; i < 3; ++i) {
    text.messages.push_back({"user", "aaa" + std::to_string(i)});
    text.messages.push_back({"assistant", "bb" + std::to_string(i)});
  }
  text.messages.push_back({"user", "c"});
  return text;
}

TEST(ContextOverflow, WholeTurnsGoUntilAQuarterIsFreeAndTheSystemMessageStays) {
  KnownText text = four_turns();
  ASSERT_EQ(size_of(known_ids(text, encode)), 32);
  const Forgotten forgotten = forget_oldest(text, OverflowPolicy::turns, 32, 0, encode);
  EXPECT_EQ(known_text(text), "[s]S[u]aaa1[a]bb1[u]aaa2[a]bb2[u]c[a]");
  EXPECT_EQ(forgotten.turns, 1);
  EXPECT_EQ(forgotten.tokens, 9);
  EXPECT_EQ(size_of(known_ids(text, encode)), 23);
  const Forgotten again = forget_oldest(text, OverflowPolicy::turns, 24, 5, encode);
  EXPECT_EQ(known_text(text), "[s]S[u]c[a]");
  EXPECT_EQ(again.turns, 2);
  EXPECT_EQ(again.answer_tokens, 5);
}

TEST(ContextOverflow, TheLastUserMessageIsNeverForgottenByTurns) {
  KnownText text = four_turns();
  (void)forget_oldest(text, OverflowPolicy::turns, 4, 0, encode);
  EXPECT_EQ(known_text(text), "[s]S[u]c[a]");
  EXPECT_EQ(forget_oldest(text, OverflowPolicy::turns, 4, 0, encode).tokens, 0);
}

TEST(ContextOverflow, TokensGoByQuartersOfTheContextAndTakeTheirMessagesAlong) {
  KnownText text = four_turns();
  const std::string all = known_text(text);
  const Forgotten forgotten = forget_oldest(text, OverflowPolicy::window, 32, 0, encode);
  EXPECT_EQ(forgotten.tokens, 8);  // of "[s]S[u]aaa0[a]bb0" 8 of 11 ids
  EXPECT_EQ(known_text(text), "bb0[u]aaa1[a]bb1[u]aaa2[a]bb2[u]c[a]");
  EXPECT_EQ(text.messages.size(), 8u) << "of the first turn something is still known";
  const Forgotten more = forget_oldest(text, OverflowPolicy::window, 20, 3, encode);  // 24 + 3 + 1 - 20: two fives
  EXPECT_EQ(more.tokens, 10);
  EXPECT_EQ(known_text(text), "b1[u]aaa2[a]bb2[u]c[a]");
  EXPECT_EQ(more.turns, 1);
  EXPECT_EQ(text.messages.front().content, "aaa1") << "the system message and the first turn are gone";
  EXPECT_THAT(all, ::testing::EndsWith(known_text(text)));
}

TEST(ContextOverflow, WhereThereIsRoomTokensStay) {
  KnownText text = four_turns();
  EXPECT_EQ(forget_oldest(text, OverflowPolicy::window, 33, 0, encode).tokens, 0);
  EXPECT_EQ(text, four_turns());
  EXPECT_EQ(forget_oldest(text, OverflowPolicy::error, 8, 0, encode).tokens, 0);
  EXPECT_EQ(text, four_turns());
}

TEST(ContextOverflow, AMessageThatATemplateRendersOtherwiseWithoutTheOthersStays) {
  const ChatEncoder counted = [](std::span<const Message> messages) {
    std::string text = std::to_string(messages.size());  // a beginning that depends on what follows
    return LetterTokenizer().encode_chat(text + render(messages));
  };
  KnownText text = four_turns();
  const std::int64_t before = size_of(known_ids(text, counted));
  const Forgotten forgotten = forget_oldest(text, OverflowPolicy::window, 20, 0, counted);
  EXPECT_EQ(size_of(known_ids(text, counted)), before - forgotten.tokens);
  EXPECT_EQ(text.messages.size(), 8u);
}

/// A sequence that holds every reading against a fresh one of everything that it has read: bit for bit.
class CheckedSequence final : public model::Sequence {
 public:
  CheckedSequence(std::unique_ptr<model::Sequence> inner, const model::LanguageModel& model, bool& exact)
      : inner_(std::move(inner)), model_(model), exact_(exact) {}

  at::Tensor append(std::span<const std::int64_t> ids, model::LogitRows rows) override {
    if (inner_->length() < size_of(read_)) read_.resize(static_cast<std::size_t>(inner_->length()));
    read_.insert(read_.end(), ids.begin(), ids.end());
    at::Tensor logits = inner_->append(ids, rows);
    const at::Tensor fresh = model_.start()->append(read_, model::LogitRows::last);
    const bool same = at::equal(logits.narrow(0, logits.size(0) - 1, 1), fresh);
    exact_ = exact_ && same;
    return logits;
  }
  [[nodiscard]] std::int64_t length() const override { return inner_->length(); }
  void reset() override {
    inner_->reset();
    read_.clear();
  }
  void truncate(std::int64_t length) override {
    inner_->truncate(length);
    read_.resize(static_cast<std::size_t>(inner_->length()));
  }
  void shift(std::int64_t first, std::int64_t count) override {
    inner_->shift(first, count);
    read_.erase(read_.begin() + first, read_.begin() + first + count);
  }

 private:
  std::unique_ptr<model::Sequence> inner_;
  const model::LanguageModel& model_;
  bool& exact_;
  Ids read_;
};

const testing::RandomTransformer& llama() {
  static const auto transformer = testing::random_llama({.layers = 2,
                                                         .heads = 2,
                                                         .kv_heads = 1,
                                                         .vocab_size = 264,
                                                         .max_positions = 48,
                                                         .sliding_window = 20,
                                                         .first_windowed_layer = 1,
                                                         .seed = 8});
  return transformer;
}

const testing::RandomTransformer& gpt2() {
  static const auto transformer = testing::random_transformer(
      {.layers = 2, .heads = 2, .head_dim = 4, .vocab_size = 264, .max_positions = 48, .seed = 8});
  return transformer;
}

/// A conversation of a random network that talks bytes at random.
struct Talk {
  Talk(const testing::RandomTransformer& transformer, OverflowPolicy policy, snn::EngineKind kind,
       ProcessorOptions processor_options = {}, std::optional<std::string> system = "S")
      : model(testing::spiking(transformer, {6, 2}, kind)),
        processor(std::make_shared<TemporalSpikeProcessor>(model, std::move(processor_options))),
        conversation(CachedSequence(std::make_unique<CheckedSequence>(
                                        std::make_unique<ProcessorSequence>(processor, "talk"), model, exact),
                                    transformer.config.max_positions),
                     tokenizer, ChatForm{render}, {.system = std::move(system), .overflow = policy}) {
    options.vocabulary = 256;
    options.sampling.temperature = 1;
  }

  Answer say(Random& random) {
    std::string said;
    for (const std::int64_t id : random.ids(1 + random.below(9), 26)) said += static_cast<char>('a' + id);
    options.sampling.seed = static_cast<std::uint64_t>(random.below(1000));
    options.max_new_tokens = 1 + random.below(30);
    return conversation.say(said, options);
  }

  bool exact = true;
  snn::SpikingModel model;
  std::shared_ptr<TemporalSpikeProcessor> processor;
  LetterTokenizer tokenizer;
  Conversation conversation;
  GenerationOptions options;
};

class Policies : public ::testing::TestWithParam<std::tuple<bool, OverflowPolicy, snn::EngineKind>> {
 protected:
  [[nodiscard]] const testing::RandomTransformer& transformer() const {
    return std::get<0>(GetParam()) ? llama() : gpt2();
  }
};

TEST_P(Policies, AfterWhateverIsForgottenEveryReadingIsAFreshOneOfTheKeptText) {
  Random random(7);
  Talk talk(transformer(), std::get<1>(GetParam()), std::get<2>(GetParam()));
  std::int64_t forgets = 0, in_answers = 0;
  for (int turn = 0; turn < 40; ++turn) {
    const Answer answer = talk.say(random);
    for (const Forgotten& forgotten : answer.forgotten) {
      ++forgets;
      in_answers += forgotten.answer_tokens > 0;
      EXPECT_GT(forgotten.tokens, 0);
    }
    EXPECT_LE(talk.conversation.cached_length(), transformer().config.max_positions);
    ASSERT_FALSE(answer.approximate);
    ASSERT_TRUE(talk.exact) << "turn " << turn;
  }
  EXPECT_GT(forgets, 5);
  EXPECT_GT(in_answers, 0);
}

TEST_P(Policies, AConversationThatABudgetDropsNowAndThenNoticesNothing) {
  const auto [rotary, policy, kind] = GetParam();
  const snn::SpikingModel model = testing::spiking(transformer(), {6, 2}, kind);
  const std::uint64_t room = model.network().new_state().bytes_after(48);
  int drops = 0;
  Talk dropped(transformer(), policy, kind,
               {.kv_budget_bytes = room, .on_drop = [&](const DroppedConversation&) { ++drops; }});
  Talk alone(transformer(), policy, kind);
  Random random(9), same(9);
  at::Tensor other = at::zeros({1, 3}, at::kLong);
  for (int turn = 0; turn < 12; ++turn) {
    if (turn % 3 == 1) (void)dropped.processor->forward(other, {}, {"another"});
    EXPECT_EQ(dropped.say(random).generated.ids, alone.say(same).generated.ids);
  }
  EXPECT_TRUE(dropped.exact);
  EXPECT_GE(drops, 7);
}

INSTANTIATE_TEST_SUITE_P(ContextOverflow, Policies,
                         ::testing::Combine(::testing::Bool(),
                                            ::testing::Values(OverflowPolicy::turns, OverflowPolicy::window),
                                            ::testing::Values(snn::EngineKind::fused, snn::EngineKind::temporal)));

TEST(ContextOverflow, AShiftGoesOnWithoutReadingAgainAndIsSaidToBeApproximate) {
  Random random(3);
  Talk talk(llama(), OverflowPolicy::shift, snn::EngineKind::fused);
  std::int64_t shifts = 0, before_answers = 0;
  for (int turn = 0; turn < 30; ++turn) {
    const Answer answer = talk.say(random);
    EXPECT_TRUE(talk.exact || shifts > 0 || !answer.forgotten.empty()) << "nothing was shifted yet";
    for (const Forgotten& forgotten : answer.forgotten) shifts += forgotten.approximate;
    const bool before_answer = !answer.forgotten.empty() && answer.forgotten.front().approximate &&
                               answer.forgotten.front().answer_tokens == 0;
    if (!before_answer) continue;
    ++before_answers;
    EXPECT_TRUE(answer.approximate);
    EXPECT_GT(answer.cached_tokens, 2) << "more than the system message is still cached";
  }
  EXPECT_GT(shifts, 3);
  EXPECT_GT(before_answers, 1);
  EXPECT_FALSE(talk.exact) << "what was forgotten shows: if not, this test is not looking";
}

// What a budget cost a conversation cannot be shifted: its text is read again, and exactly.
TEST(ContextOverflow, AShiftOfADroppedConversationIsAReading) {
  const snn::SpikingModel model = testing::spiking(llama(), {6, 2}, snn::EngineKind::fused);
  Talk talk(llama(), OverflowPolicy::shift, snn::EngineKind::fused,
            {.kv_budget_bytes = model.network().new_state().bytes_after(48)});
  Random random(3);
  const at::Tensor other = at::zeros({1, 3}, at::kLong);
  std::int64_t forgets = 0;
  for (int turn = 0; turn < 20; ++turn) {
    (void)talk.processor->forward(other, {}, {"another"});
    talk.processor->reset_cache("talk");
    const Answer answer = talk.say(random);
    EXPECT_EQ(answer.cached_tokens, 0);
    EXPECT_FALSE(answer.reread) << "the text is what it was";
    if (answer.forgotten.empty() || answer.forgotten.front().answer_tokens > 0) continue;
    ++forgets;
    EXPECT_FALSE(answer.forgotten.front().approximate);
  }
  EXPECT_GT(forgets, 2);
}

TEST(ContextOverflow, AShiftIsRefusedWherePositionsAreLearned) {
  Random random(3);
  Talk talk(gpt2(), OverflowPolicy::shift, snn::EngineKind::fused);
  EXPECT_THROW(
      {
        for (int turn = 0; turn < 30; ++turn) (void)talk.say(random);
      },
      UsageError);
}

TEST(ContextOverflow, WithoutForgettingTheTurnIsRefusedAndTheAnswerCut) {
  Random random(5);
  Talk talk(gpt2(), OverflowPolicy::error, snn::EngineKind::fused);
  talk.options.max_new_tokens = 100;
  const Answer cut = talk.conversation.say("abc", talk.options);
  EXPECT_EQ(cut.generated.reason, StopReason::context_full);
  EXPECT_THAT(cut.forgotten, IsEmpty());
  const KnownText before = talk.conversation.known();
  EXPECT_THROW((void)talk.conversation.say("x", talk.options), ContextFull);
  EXPECT_EQ(talk.conversation.known(), before);
}

TEST(ContextOverflow, UndoneTurnsLeaveNoTrace) {
  for (const OverflowPolicy policy : {OverflowPolicy::turns, OverflowPolicy::window}) {
    Talk talk(llama(), policy, snn::EngineKind::fused), straight(llama(), policy, snn::EngineKind::fused);
    talk.options.max_new_tokens = straight.options.max_new_tokens = 5;
    EXPECT_EQ(talk.conversation.undo(), std::nullopt);
    std::int64_t forgets = 0;
    for (const char* const said : {"one", "two", "three", "four", "five", "six", "seven"}) {
      forgets += static_cast<std::int64_t>(talk.conversation.say("never mind", talk.options).forgotten.size());
      EXPECT_EQ(talk.conversation.undo(), "never mind");
      (void)talk.conversation.say(said, talk.options);
      (void)straight.conversation.say(said, straight.options);
      EXPECT_EQ(talk.conversation.known(), straight.conversation.known());
    }
    EXPECT_GT(forgets, 1) << "what an undone turn cost comes back, too";
    EXPECT_TRUE(talk.exact);
  }
}

TEST(ContextOverflow, AMessageBehindUndoneTurnsIsReadAsAWhole) {
  for (const auto& system : {std::optional<std::string>("S"), std::optional<std::string>()}) {
    Talk talk(llama(), OverflowPolicy::window, snn::EngineKind::fused, {}, system);
    talk.options.max_new_tokens = 60;
    const Answer first = talk.conversation.say("abc", talk.options);
    const Answer second = talk.conversation.say("def", talk.options);
    ASSERT_FALSE(first.forgotten.empty() && second.forgotten.empty());
    while (talk.conversation.undo()) continue;
    const Answer answer = talk.conversation.say("ghi", talk.options);
    EXPECT_EQ(LetterTokenizer().decode(answer.prompt_ids, text::Specials::keep),
              (system ? "[s]S" : "") + std::string("[u]ghi[a]"));
  }
}

TEST(ContextOverflow, WhatIsRestoredGoesOnAsIfItHadNeverStopped) {
  Random random(11);
  for (const bool rotary : {false, true}) {
    for (const OverflowPolicy policy : {OverflowPolicy::turns, OverflowPolicy::window}) {
      for (int trial = 0; trial < 5; ++trial) {
        const auto& transformer = rotary ? llama() : gpt2();
        Talk talk(transformer, policy, snn::EngineKind::fused), resumed(transformer, policy, snn::EngineKind::fused);
        for (std::int64_t turn = 0; turn < 2 + random.below(8); ++turn) (void)talk.say(random);
        resumed.conversation.restore(talk.conversation.known());
        Random same = random;
        for (int turn = 0; turn < 4; ++turn) {
          const Answer expected = talk.say(random), actual = resumed.say(same);
          ASSERT_EQ(actual.generated.ids, expected.generated.ids);
          ASSERT_EQ(actual.prompt_ids, expected.prompt_ids);
        }
        EXPECT_EQ(resumed.conversation.known(), talk.conversation.known());
        EXPECT_TRUE(resumed.exact);
      }
    }
  }
}

/// Resident pages of this process.
std::int64_t resident_pages() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident;
}

TEST(ContextOverflow, TenThousandTurnsTakeNoMoreMemoryThanTwoThousand) {
  const auto tiny = testing::random_llama(
      {.layers = 1, .heads = 2, .kv_heads = 1, .vocab_size = 264, .max_positions = 48, .seed = 8});
  for (const OverflowPolicy policy : {OverflowPolicy::turns, OverflowPolicy::window}) {
    const auto processor = std::make_shared<TemporalSpikeProcessor>(testing::spiking(tiny, {3, 2}));
    const LetterTokenizer tokenizer;
    Conversation conversation(CachedSequence(std::make_unique<ProcessorSequence>(processor, "talk"), 48), tokenizer,
                              ChatForm{render}, {.overflow = policy});
    GenerationOptions options;
    options.vocabulary = 256;
    options.max_new_tokens = 3;
    std::int64_t warm = 0, forgotten = 0;
    for (int turn = 0; turn < 10000; ++turn) {
      forgotten += static_cast<std::int64_t>(conversation.say("ab", options).forgotten.size());
      if (turn == 2000) warm = resident_pages();
    }
    EXPECT_GT(forgotten, 1000);
    EXPECT_LE(resident_pages(), warm + warm / 100) << overflow_policy_name(policy);
    EXPECT_LE(conversation.messages().size(), 24u);
  }
}

}  // namespace
}  // namespace stac::runtime
