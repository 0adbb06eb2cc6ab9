#include "stac/runtime/dialogue_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "stac/error.hpp"
#include "support/test_paths.hpp"

namespace stac::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DialogueScripts : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name, std::ios::binary) << text;
    return folder_.path() / name;
  }

  std::string failure(const std::string& name, const std::string& text) {
    try {
      (void)read_script(write(name, text));
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing failed";
  }

 private:
  testing::TemporaryFolder folder_;
};

TEST_F(DialogueScripts, MessagesGiveTheSystemMessageAndTheUserTurns) {
  const auto file =
      write("a.jsonl", R"({"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "a"},)"
                       R"( {"role": "assistant", "content": "no"}, {"role": "user", "content": "ü"}], "x": 1})"
                       "\r\n\n"
                       R"({"messages": [{"role": "user", "content": "b"}]})");
  EXPECT_THAT(read_script(file), ElementsAre(DialogueScript{"S", {"a", "ü"}}, DialogueScript{std::nullopt, {"b"}}));
}

TEST_F(DialogueScripts, TurnsAreUserTurns) {
  const auto file = write("a.jsonl", R"({"name": "demo", "turns": ["a", "b"]})");
  EXPECT_THAT(read_script(file), ElementsAre(DialogueScript{std::nullopt, {"a", "b"}}));
}

TEST_F(DialogueScripts, PlainTextIsOneTurnALine) {
  EXPECT_THAT(read_script(write("a.txt", "first\r\n\n  \nsecond line\n")),
              ElementsAre(DialogueScript{std::nullopt, {"first", "second line"}}));
}

TEST_F(DialogueScripts, ErrorsNameTheFileTheLineAndTheRule) {
  EXPECT_THAT(failure("a.jsonl", "{\"turns\": [\"a\"]}\nnot json\n"), HasSubstr("a.jsonl, line 2: "));
  EXPECT_THAT(failure("b.jsonl", "[1]"), HasSubstr("neither a list 'messages' nor a list 'turns'"));
  EXPECT_THAT(failure("c.jsonl", R"({"turns": []})"), HasSubstr("no user turn"));
  EXPECT_THAT(failure("d.jsonl", R"({"turns": [3]})"), HasSubstr("a turn is not text"));
  EXPECT_THAT(failure("e.jsonl", R"({"messages": [{"role": "user"}]})"), HasSubstr("no text 'content'"));
  EXPECT_THAT(failure("f.jsonl", R"({"messages": [{"role": "tool", "content": "x"}]})"), HasSubstr("role 'tool'"));
  EXPECT_THAT(failure("g.jsonl", "\n"), HasSubstr("holds no dialogue"));
  EXPECT_THAT(failure("h.txt", "\n \n"), HasSubstr("holds no user turn"));
  EXPECT_THROW((void)read_script("/nowhere/at/all.txt"), Error);
}

TEST_F(DialogueScripts, TheFirstTurnsCrossDialogues) {
  const std::vector<DialogueScript> dialogues{{std::nullopt, {"a", "b"}}, {"S", {"c", "d"}}, {std::nullopt, {"e"}}};
  EXPECT_THAT(first_turns(dialogues, 2), ElementsAre(dialogues[0]));
  EXPECT_THAT(first_turns(dialogues, 3), ElementsAre(dialogues[0], DialogueScript{"S", {"c"}}));
  EXPECT_EQ(first_turns(dialogues, 5), dialogues);
  EXPECT_THROW((void)first_turns(dialogues, 6), Error);
}

TEST_F(DialogueScripts, TheBundledScriptsAreReadable) {
  const auto folder = testing::source_root() / "configs" / "dialogues";
  EXPECT_GE(read_dialogues(folder / "demo.jsonl").size(), 1u);
  EXPECT_GE(read_dialogues(folder / "hand_written.jsonl").size(), 1u);
}

}  // namespace
}  // namespace stac::runtime
