#include "stac/runtime/conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "runtime/letter_tokenizer.hpp"
#include "runtime/scripted_sequence.hpp"
#include "support/test_paths.hpp"

namespace stac::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::LetterTokenizer;
using testing::ScriptedSequence;
using testing::SequenceLog;

constexpr std::int64_t kPositions = 60;

// "[u]hello[a]": roles are single ids, as ChatML's markers are.
std::string render(std::span<const Message> messages) {
  std::string text;
  for (const Message& message : messages) text += '[' + message.role.substr(0, 1) + ']' + message.content + '.';
  return text + "[a]";
}

// Answers every conversation with the next of `answers`, then ends.
struct Talk {
  explicit Talk(std::vector<std::string> lines, ConversationOptions options = {}, std::string stop_text = {})
      : answers(std::move(lines)),
        conversation(CachedSequence(std::make_unique<ScriptedSequence>(log, 256 + 8, kPositions,
                                                                       [this](const auto& text) { return next(text); }),
                                    kPositions),
                     tokenizer, ChatForm{render, std::move(stop_text)}, std::move(options)) {}

  std::int64_t next(const std::vector<std::int64_t>& text) const {
    const auto turn = static_cast<std::size_t>(std::count(text.begin(), text.end(), LetterTokenizer::kAssistant)) - 1;
    // ids after the last [a] are the answer so far
    const auto start = std::find(text.rbegin(), text.rend(), LetterTokenizer::kAssistant);
    const auto said = static_cast<std::size_t>(start - text.rbegin());
    const std::string& answer = answers.at(turn);
    return said < answer.size() ? static_cast<unsigned char>(answer[said]) : LetterTokenizer::kEnd;
  }

  Answer say(std::string_view text, const AnswerHooks& hooks = {}) {
    GenerationOptions options;
    options.stop_ids = {LetterTokenizer::kEnd};
    options.max_new_tokens = max_new_tokens;
    return conversation.say(text, options, hooks);
  }

  std::vector<std::string> answers;
  std::int64_t max_new_tokens = 100;
  SequenceLog log;
  LetterTokenizer tokenizer;
  Conversation conversation;
};

std::vector<std::string> contents(const Conversation& conversation) {
  std::vector<std::string> result;
  for (const Message& message : conversation.messages()) result.push_back(message.role + ": " + message.content);
  return result;
}

TEST(Conversation, StreamsTheAnswerAndRemembersBothSides) {
  Talk talk({"hi", "fine"});
  std::string streamed;
  const AnswerHooks hooks{[&](std::string_view piece) { streamed += piece; }, {}};
  EXPECT_EQ(talk.say("hello", hooks).text, "hi");
  EXPECT_EQ(talk.say("how", hooks).text, "fine");
  EXPECT_EQ(streamed, "hifine");
  EXPECT_THAT(contents(talk.conversation), ElementsAre("user: hello", "assistant: hi", "user: how", "assistant: fine"));
}

TEST(Conversation, ReadsOnlyWhatIsNewAndKeepsOneTextOverTheTurns) {
  Talk talk({"hi", "fine"});
  const Answer first = talk.say("hello");
  EXPECT_EQ(first.cached_tokens, 0);
  const Answer second = talk.say("how");
  EXPECT_FALSE(second.reread);
  EXPECT_EQ(talk.log.resets, 1);  // at construction
  EXPECT_EQ(talk.log.appended[1], (std::vector<std::int64_t>{'h'}));
  EXPECT_EQ(second.cached_tokens, static_cast<std::int64_t>(first.prompt_ids.size()) + 2);
  EXPECT_EQ(talk.tokenizer.decode(talk.log.ids, text::Specials::keep), "[u]hello.[a]hi.[u]how.[a]fine");
}

TEST(Conversation, ReadsAnAnswerAnewFromWhereItsTextHasOtherIds) {
  Talk talk({"xYz", "fine"});
  talk.tokenizer.lower_when_encoding = true;  // the answer's Y comes back as y
  (void)talk.say("a");
  const Answer second = talk.say("b");
  EXPECT_FALSE(second.reread) << "the turns before are cached as they were";
  EXPECT_EQ(second.cached_tokens, 5);  // [u] a . [a] x
  EXPECT_EQ(second.text, "fine");
  EXPECT_EQ(talk.tokenizer.decode(talk.log.ids, text::Specials::keep), "[u]a.[a]xyz.[u]b.[a]fine");
}

TEST(Conversation, ReadsTheTurnsBeforeAnewWhereTheirTextChangesAndSaysSo) {
  Talk talk({"hi", "fine", "well"});
  (void)talk.say("a");
  talk.conversation.set_system("S");
  const Answer second = talk.say("b");
  EXPECT_EQ(second.cached_tokens, 0);
  EXPECT_EQ(talk.tokenizer.decode(talk.log.ids, text::Specials::keep), "[s]S.[u]a.[a]hi.[u]b.[a]fine");
  talk.conversation.set_system(std::nullopt);
  EXPECT_THAT(contents(talk.conversation), ElementsAre("user: a", "assistant: hi", "user: b", "assistant: fine"));
}

TEST(Conversation, AFullContextIsAnErrorWhereNothingMayBeForgottenAndChangesNothing) {
  Talk talk({"hi", "fine"}, {.overflow = OverflowPolicy::error});
  (void)talk.say("hello");
  const auto before = contents(talk.conversation);
  const std::int64_t cached = talk.conversation.cached_length();
  try {
    (void)talk.say(std::string(50, 'x'));
    FAIL() << "nothing was thrown";
  } catch (const ContextFull& error) {
    EXPECT_THAT(error.what(), HasSubstr("context is full"));
    EXPECT_THAT(error.hint(), HasSubstr("/reset"));
  }
  EXPECT_EQ(contents(talk.conversation), before);
  EXPECT_EQ(talk.conversation.cached_length(), cached);
  EXPECT_EQ(talk.say("how").text, "fine");
}

TEST(Conversation, AnAnswerThatMeetsTheEndOfTheContextIsCutAndSaysSo) {
  Talk talk({std::string(100, 'z')});
  const Answer answer = talk.say("hello");
  EXPECT_EQ(answer.generated.reason, StopReason::context_full);
  EXPECT_EQ(static_cast<std::int64_t>(answer.prompt_ids.size() + answer.generated.ids.size()), kPositions);
}

TEST(Conversation, ACutAnswerStaysAsFarAsItCame) {
  Talk talk({"abcdef", "fine"});
  talk.max_new_tokens = 3;
  EXPECT_EQ(talk.say("x").generated.reason, StopReason::length);
  EXPECT_EQ(talk.conversation.messages().back().content, "abc");
  const Answer second = talk.say("y");
  EXPECT_FALSE(second.reread);
  EXPECT_EQ(second.cached_tokens, 6);  // [u] x . [a] a b; the c was chosen but not read
}

TEST(Conversation, AnswersThatFailLeaveTheMessagesAndTheNextTurnWhole) {
  Talk talk({"hi", "fine"});
  (void)talk.say("hello");
  talk.log.fail_next = 1;
  EXPECT_THROW((void)talk.say("how"), std::runtime_error);
  EXPECT_EQ(talk.conversation.messages().size(), 2u);
  EXPECT_EQ(talk.say("how").text, "fine");
}

TEST(Conversation, ResetKeepsTheSystemMessageAlone) {
  Talk talk({"hi", "hi"}, {.system = "be kind"});
  EXPECT_EQ(talk.say("hello").text, "hi");
  talk.conversation.reset();
  EXPECT_THAT(contents(talk.conversation), ElementsAre("system: be kind"));
  EXPECT_EQ(talk.conversation.cached_length(), 0);
  const Answer answer = talk.say("hello");
  EXPECT_EQ(answer.text, "hi");
  EXPECT_FALSE(answer.reread);
}

TEST(Conversation, CharactersOfSeveralTokensAreStreamedWhole) {
  Talk talk({"\xC3\xA9\xE2\x82\xAC"});  // e acute, euro sign; one id a byte
  std::vector<std::string> pieces;
  (void)talk.say("x", {[&](std::string_view piece) { pieces.emplace_back(piece); }, {}});
  EXPECT_THAT(pieces, ElementsAre("\xC3\xA9", "\xE2\x82\xAC"));
}

TEST(Conversation, StopIdsAreThoseOfConfigTokenizerAndGenerationConfigOnce) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "generation_config.json") << R"({"eos_token_id": [9, 7]})";
  LetterTokenizer tokenizer;
  tokenizer.set_eos_id(3);
  model::TransformerConfig config;
  config.eos_token_ids = {7, 3};
  EXPECT_THAT(stop_ids(config, tokenizer, folder.path()), ElementsAre(3, 7, 9));
}

TEST(Conversation, AStopTextEndsTheAnswerAndIsNotShown) {
  Talk talk({"fine\n\nUser: and then?", "no \nUse"}, {}, "\nUser:");
  std::string streamed;
  const AnswerHooks hooks{[&](std::string_view piece) { streamed += piece; }, {}};
  const Answer first = talk.say("hello", hooks);
  EXPECT_EQ(first.text, "fine\n");
  EXPECT_EQ(first.generated.reason, StopReason::stop_text);
  EXPECT_EQ(talk.say("well", hooks).text, "no \nUse") << "what only begins like it is part of the answer";
  EXPECT_EQ(streamed, "fine\nno \nUse");
}

}  // namespace
}  // namespace stac::runtime
