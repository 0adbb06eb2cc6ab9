#include "stac/eval/recall.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "stac/error.hpp"
#include "support/test_paths.hpp"

namespace stac::eval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Keywords, StandAsWholeWordsWhateverTheirCase) {
  EXPECT_TRUE(answer_has_keywords("You live in New York.", {{"new york"}}));
  EXPECT_FALSE(answer_has_keywords("Newark is nice.", {{"new"}}));
  EXPECT_FALSE(answer_has_keywords("You have 13 dogs.", {{"3", "three"}}));
  EXPECT_TRUE(answer_has_keywords("You haven\xE2\x80\x99t told me.", {{"haven't told"}}));
}

TEST(Keywords, OfEveryGroupMustBeMetByAnyOfItsWords) {
  const KeywordGroups groups{{"3", "three"}, {"dogs"}};
  EXPECT_TRUE(answer_has_keywords("Three dogs!", groups));
  EXPECT_FALSE(answer_has_keywords("Three cats!", groups));
}

Dialogue dialogue() {
  return {{{"system", "be kind"},
           {"user", "My name is Ann."},
           {"assistant", "a reference that must not be used"},
           {"user", "What is my name?"},
           {"assistant", "Ann."}},
          {{3, {{"Ann"}}}}};
}

TEST(Recall, AsksEveryUserTurnOfOneConversationAndJudgesTheQuestions) {
  std::vector<std::string> asked, systems;
  std::vector<std::int64_t> limits;
  const ChatStarter start = [&](const std::optional<std::string>& system) -> Chat {
    systems.push_back(system.value_or("none"));
    return [&](const std::string& user, std::int64_t limit) {
      asked.push_back(user);
      limits.push_back(limit);
      return std::string("It is Ann.");
    };
  };
  const Recall recall = measure_recall({dialogue()}, start);
  EXPECT_THAT(asked, ElementsAre("My name is Ann.", "What is my name?"));
  EXPECT_THAT(systems, ElementsAre("be kind"));
  EXPECT_THAT(limits, ElementsAre(80, 40));
  EXPECT_EQ(recall.right(), 1);
  EXPECT_EQ(recall.share(), 1.0);
}

TEST(Recall, CountsAWrongAnswer) {
  const ChatStarter start = [](const auto&) -> Chat { return [](const auto&, std::int64_t) { return "It is Bob."; }; };
  const Recall recall = measure_recall({dialogue(), dialogue()}, start);
  EXPECT_EQ(recall.answers.size(), 2U);
  EXPECT_EQ(recall.share(), 0.0);
}

TEST(Dialogues, OfTheBundledFileAreReadable) {
  const auto dialogues = load_dialogues(testing::source_root() / "configs/dialogues/held_out.jsonl");
  EXPECT_EQ(dialogues.size(), 200U);
  for (const Dialogue& each : dialogues) {
    EXPECT_FALSE(each.questions.empty());
    // The reference answers are right, so the file and the judge speak of the same thing.
    for (const auto& [turn, keywords] : each.questions) {
      ASSERT_LT(turn + 1, each.messages.size());
      EXPECT_TRUE(answer_has_keywords(each.messages[turn + 1].content, keywords)) << each.messages[turn + 1].content;
    }
  }
}

TEST(Dialogues, AreRefusedWithFileAndLine) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "talk.jsonl";
  std::ofstream(file)
      << R"({"messages": [{"role": "user", "content": "a"}], "questions": []})"
      << "\n"
      << R"({"messages": [{"role": "user", "content": "a"}], "questions": [{"turn": 1, "keywords": []}]})";
  try {
    static_cast<void>(load_dialogues(file));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("talk.jsonl, line 2"));
  }
}

}  // namespace
}  // namespace stac::eval
