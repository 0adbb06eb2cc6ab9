// stac-chat over many turns: what it forgets, saves, takes back and compares, as a user sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/chat_run.hpp"

namespace stac {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::file_text;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ToolRun;

class ChatContext : public ::testing::Test {
 protected:
  void SetUp() override { model_ = testing::write_tiny_chat_model(folder_.path() / "model").string(); }

  ToolRun chat(std::vector<std::string> arguments, const std::string& input = {}) {
    // as it is: no text has to be sampled for every run
    arguments.insert(arguments.begin(),
                     {"--model", model_, "--simplified", "--activation", "keep", "--quantize", "none"});
    return testing::run_chat(folder_.path(), arguments, input);
  }

  json chat_json(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.emplace_back("--json");
    const ToolRun run = chat(std::move(arguments), input);
    EXPECT_EQ(run.status, 0) << run.err;
    return json::parse(run.out, nullptr, false);
  }

  [[nodiscard]] std::string in_folder(const std::string& name) const { return (folder_.path() / name).string(); }

  testing::TemporaryFolder folder_;
  std::string model_;
};

std::vector<json> ids_of(const json& report) {
  std::vector<json> ids;
  for (const json& turn : report.at("turns")) ids.push_back(turn.at("ids"));
  return ids;
}

std::string many_lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "message " + std::to_string(i) + "\n";
  return lines;
}

TEST_F(ChatContext, ALongChatGoesOnAndSaysWhatItForgets) {
  const ToolRun run = chat({"-n", "6"}, many_lines(12));
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("the context is full: forgot the oldest"));
  EXPECT_THAT(run.err, HasSubstr("turns ("));
  const json report = chat_json({"-n", "6"}, many_lines(12));
  std::int64_t forgotten = 0;
  for (const json& turn : report.at("turns")) {
    EXPECT_LE(turn.at("prompt_tokens"), 96);
    for (const json& one : turn.at("forgotten")) {
      ++forgotten;
      EXPECT_EQ(one.at("policy"), "turns");
      EXPECT_GT(one.at("tokens"), 0);
    }
  }
  EXPECT_GT(forgotten, 1);
  EXPECT_EQ(report.at("turns").size(), 12u);
}

// What is kept is read as a fresh text: a chat that begins with it goes on alike.
TEST_F(ChatContext, AfterForgettingAChatIsOneThatBeganWithWhatIsKept) {
  const std::string first = in_folder("first.json"), kept = in_folder("kept.json");
  (void)chat_json({"-n", "6", "--session", first}, many_lines(9));
  json session = json::parse(file_text(first));
  EXPECT_LT(session.at("known").at("messages").size(), 18u) << "nothing was forgotten";
  const json went_on = chat_json({"-n", "6", "--session", first}, "and now?\n");
  std::ofstream(kept) << session.dump();
  const json fresh = chat_json({"-n", "6", "--session", kept, "--engine", "temporal", "--threads", "1"}, "and now?\n");
  EXPECT_EQ(ids_of(went_on), ids_of(fresh));
}

TEST_F(ChatContext, PoliciesAreChosenByNameAndAlias) {
  const ToolRun window = chat({"-n", "6", "--overflow", "window"}, many_lines(12));
  EXPECT_THAT(window.err, HasSubstr("forgot the oldest 24 tokens"));
  const ToolRun error = chat({"-n", "6", "--context-overflow", "error"}, many_lines(12));
  EXPECT_EQ(error.status, 1);
  EXPECT_THAT(error.err, HasSubstr("the context is full"));
  const ToolRun shift = chat({"--overflow", "shift"}, "hi\n");
  EXPECT_EQ(shift.status, 2);
  EXPECT_THAT(shift.err, HasSubstr("positions are learned"));
}

TEST_F(ChatContext, AShorterContextIsForgottenSooner) {
  const json report = chat_json({"-n", "6", "--max-context-length", "48"}, many_lines(4));
  EXPECT_EQ(report.at("context"), 48);
  std::size_t forgotten = 0;
  for (const json& turn : report.at("turns")) {
    EXPECT_LE(turn.at("prompt_tokens"), 48);
    forgotten += turn.at("forgotten").size();
  }
  EXPECT_GT(forgotten, 0u);
  const ToolRun beyond = chat({"--max-context-length", "97"}, "hi\n");
  EXPECT_EQ(beyond.status, 2);
  EXPECT_THAT(beyond.err, AllOf(HasSubstr("96 positions"), HasSubstr("--position-overflow clamp")));
  const json clamped =
      chat_json({"-n", "6", "--ctx-size", "300", "--position-overflow", "clamp", "--overflow", "error"}, many_lines(7));
  EXPECT_GT(clamped.at("turns")[6].at("prompt_tokens"), 96);
}

TEST_F(ChatContext, ABudgetIsSaidInTokensAndLimitsAConversation) {
  const ToolRun run = chat({"-n", "6", "--kv-budget", "30K"}, many_lines(6));
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("--kv-budget 30K holds 4"));
  const ToolRun none = chat({"--kv-budget", "100"}, "hi\n");
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("does not hold the block of tokens that a cache begins with, "));
}

TEST_F(ChatContext, TheConversationUsedLeastRecentlyLeavesTheCacheAndIsReadAgain) {
  const std::string talk = "hi\n/switch b\nyes\n/switch c\nno\n/switch main\nand?\n/switch\n";
  const json free = chat_json({"-n", "4"}, talk);
  const json tight = chat_json({"-n", "4", "--kv-budget", "36K"}, talk);
  EXPECT_EQ(ids_of(free), ids_of(tight));
  EXPECT_GT(free.at("turns")[3].at("cached_tokens"), 0);
  EXPECT_EQ(tight.at("turns")[3].at("cached_tokens"), 0);
  const ToolRun run = chat({"-n", "4", "--kv-budget", "36K"}, talk);
  EXPECT_THAT(run.err, HasSubstr("the conversation 'main'"));
  EXPECT_THAT(run.out, HasSubstr("  c\n* main\n"));
}

TEST_F(ChatContext, UndoAndRegenerateAndSystemChangeWhatIsKnown) {
  const json undone = chat_json({"-n", "5"}, "hi\nwrong\n/undo\nand?\n");
  const json straight = chat_json({"-n", "5"}, "hi\nand?\n");
  EXPECT_EQ(ids_of(undone)[2], ids_of(straight)[1]);
  const json drawn = chat_json({"-n", "8", "--temperature", "1", "--seed", "5"}, "hi\n/regenerate\n/regenerate\n");
  EXPECT_NE(ids_of(drawn)[0], ids_of(drawn)[1]);
  EXPECT_NE(ids_of(drawn)[1], ids_of(drawn)[2]);
  EXPECT_EQ(drawn.at("turns")[2].at("seed"), 7);
  EXPECT_EQ(ids_of(chat_json({"-n", "8", "--temperature", "1", "--seed", "7"}, "hi\n"))[0], ids_of(drawn)[2]);
  const json system = chat_json({"-n", "5"}, "/system Be kind.\nhi\n");
  EXPECT_EQ(ids_of(system), ids_of(chat_json({"-n", "5", "--system", "Be kind."}, "hi\n")));
  const ToolRun shown =
      chat({"-n", "5", "--system", "Be kind."}, "/system\n/system none\n/system\n/undo\n/regenerate\n");
  EXPECT_THAT(shown.out, AllOf(HasSubstr("Be kind.\n"), HasSubstr("there is no system message")));
  EXPECT_THAT(shown.err, AllOf(HasSubstr("no turn to take back"), HasSubstr("no answer to take back")));
}

TEST_F(ChatContext, SavedAndLoadedConversationsGoOnIdentically) {
  const std::vector<std::string> drawn{"-n", "7", "--temperature", "0.9", "--min-p", "0.02", "--seed", "4"};
  const std::string file = in_folder("talk.json");
  const json whole = chat_json(drawn, "one\ntwo\nthree\nfour\n");
  (void)chat_json(drawn, "one\ntwo\n/save " + file + "\n");
  ASSERT_TRUE(std::filesystem::exists(file));
  const json loaded = chat_json({}, "/load " + file + "\nthree\nfour\n");  // settings are in the file
  ASSERT_EQ(ids_of(loaded).size(), 2u);
  EXPECT_EQ(ids_of(loaded)[0], ids_of(whole)[2]);
  EXPECT_EQ(ids_of(loaded)[1], ids_of(whole)[3]);
  std::vector<std::string> with_session = drawn;
  with_session.insert(with_session.end(), {"--session", in_folder("s.json")});
  for (std::size_t turn = 0; turn < 4; ++turn) {
    const json part = chat_json(with_session, std::vector<std::string>{"one\n", "two\n", "three\n", "four\n"}[turn]);
    EXPECT_EQ(ids_of(part)[0], ids_of(whole)[turn]) << turn;
  }
  EXPECT_EQ(ids_of(chat_json({"--session", in_folder("p.json"), "-n", "3", "--prompt", "a", "--prompt", "b"})).size(),
            2u);
  EXPECT_EQ(json::parse(file_text(in_folder("p.json"))).at("known").at("messages").size(), 4u);
}

TEST_F(ChatContext, ASessionKeepsWhatCommandsChange) {
  const std::string file = in_folder("s.json");
  const auto messages_after = [&](const std::string& input) {
    (void)chat_json({"-n", "3", "--session", file}, input);
    std::vector<std::string> contents;
    const json session = json::parse(file_text(file));
    for (const json& message : session.at("known").at("messages")) {
      if (message.at("role") != "assistant") contents.push_back(message.at("content"));
    }
    return contents;
  };
  using Contents = std::vector<std::string>;
  EXPECT_EQ(messages_after("one\ntwo\n/undo\n"), Contents{"one"});
  EXPECT_EQ(messages_after("/system Be kind.\n"), (Contents{"Be kind.", "one"}));
  EXPECT_EQ(messages_after("/system none\n/save " + in_folder("other.json") + "\n/reset\n"), Contents());
  EXPECT_EQ(messages_after("/load " + in_folder("other.json") + "\n"), Contents{"one"});
  const ToolRun two = chat({"-n", "3", "--session", file}, "/switch other\nlost?\n");
  EXPECT_EQ(two.status, 1);
  EXPECT_THAT(two.err, HasSubstr("--session holds one conversation"));
  EXPECT_EQ(messages_after("/switch main\n"), Contents{"one"});
}

TEST_F(ChatContext, ASessionOfAnotherModelOrTemplateIsRefused) {
  const std::string file = in_folder("talk.json");
  (void)chat_json({"-n", "3"}, "one\n/save " + file + "\n");
  const ToolRun other = chat({"--timesteps", "5"}, "/load " + file + "\n");
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("this conversation was had with"));
  std::ofstream(folder_.path() / "t.jinja") << "{% for m in messages %}{{ m.content }}{% endfor %}";
  const ToolRun rendered = chat({"--chat-template", in_folder("t.jinja"), "--session", file}, "two\n");
  EXPECT_EQ(rendered.status, 1);
  EXPECT_THAT(rendered.err, HasSubstr("--chat-template"));
  const ToolRun missing = chat({}, "/load /nowhere/talk.json\n");
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("/nowhere/talk.json"));
  const ToolRun nowhere = chat({"--session", "/nowhere/talk.json"}, "hi\n");
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("/nowhere"));
  EXPECT_THAT(nowhere.err, Not(HasSubstr("model:"))) << "told before the work";
  const ToolRun nameless = chat({}, "/save\n");
  EXPECT_THAT(nameless.err, HasSubstr("/save needs a file's name"));
}

TEST_F(ChatContext, AnotherNetworkGoesOnWithTheSameConversation) {
  const json report = chat_json({"-n", "5"}, "one\n/ann\ntwo\n/snn\nthree\n");
  EXPECT_TRUE(report.at("turns")[0].at("synops").is_number());
  EXPECT_TRUE(report.at("turns")[1].at("synops").is_null());
  EXPECT_TRUE(report.at("turns")[2].at("synops").is_number());
  EXPECT_GT(report.at("turns")[2].at("prompt_tokens"), report.at("turns")[1].at("prompt_tokens"));
}

TEST_F(ChatContext, ComparedAnswersStandSideBySideAndAreEachNetworksOwn) {
  const std::vector<std::string> talk{"-n", "12", "--prompt", "one", "--prompt", "two"};
  std::vector<std::string> compared = talk, without = talk;
  compared.emplace_back("--compare");
  without.insert(without.end(), {"--mode", "ann"});
  const json both = chat_json(compared), ann = chat_json(without);
  EXPECT_EQ(ids_of(both), ids_of(chat_json(talk)));
  for (std::size_t turn = 0; turn < 2; ++turn) {
    EXPECT_EQ(both.at("turns")[turn].at("without_spikes").at("ids"), ann.at("turns")[turn].at("ids"));
  }
  const ToolRun shown = chat(compared);
  EXPECT_THAT(shown.out, HasSubstr("user: two\nwith spikes"));  // columns begin where lines do
  EXPECT_THAT(shown.out, HasSubstr(" | without spikes"));
  EXPECT_TRUE(shown.out.find("(the same answer)") != std::string::npos ||
              shown.out.find("(the answers part at token ") != std::string::npos);
}

TEST_F(ChatContext, EveryAnswerSaysWhatItsSpikesCost) {
  const json turn = chat_json({"-n", "5", "--prompt", "hi"}).at("turns")[0];
  EXPECT_GT(turn.at("synops"), 1000);
  EXPECT_GT(turn.at("energy_ratio"), 0.01);
  EXPECT_LT(turn.at("energy_ratio"), 2.0);
  const ToolRun stats = chat({"-n", "5"}, "hi\n/stats\n");
  EXPECT_THAT(stats.out,
              AllOf(HasSubstr(" SynOps, "), HasSubstr(" of dense energy"), HasSubstr("KiB of keys and values in f32")));
}

TEST_F(ChatContext, StopTextsBiasesAndMinPShapeAnswers) {
  const json free = chat_json({"-n", "12", "--prompt", "hi"});
  const std::string text = free.at("turns")[0].at("assistant");
  const json ids = free.at("turns")[0].at("ids");
  const std::string first = std::to_string(ids[0].get<int>());
  const json forbidden = chat_json({"-n", "12", "--prompt", "hi", "--logit-bias", first + "-inf"});
  EXPECT_NE(ids_of(forbidden)[0][0], ids[0]);
  const json forced = chat_json({"-n", "4", "--prompt", "hi", "--logit-bias", "66+1000"});
  EXPECT_EQ(forced.at("turns")[0].at("assistant"), "AAAA");
  const json stopped =
      chat_json({"-n", "9", "--prompt", "hi", "--logit-bias", "66+1000", "--stop", "never", "--stop", "AAA"});
  EXPECT_EQ(stopped.at("turns")[0].at("assistant"), "");
  EXPECT_EQ(stopped.at("turns")[0].at("stop_reason"), "stop text");
  const json lines = chat_json({"-n", "9", "--prompt", "hi", "--logit-bias", "11+1000", "--stop", "\\n"});
  EXPECT_EQ(lines.at("turns")[0].at("stop_reason"), "stop text") << "token 11 is a line end";
  const json likeliest = chat_json({"-n", "12", "--prompt", "hi", "--temperature", "1", "--min-p", "1"});
  EXPECT_EQ(ids_of(likeliest)[0], ids) << "only the likeliest token is left";
}

TEST_F(ChatContext, SeveralLinesCanBeOneMessage) {
  const json report = chat_json({"-n", "2"}, "one\\\ntwo\n\"\"\"three\nfour\"\"\"\n\"\"\"\n/five\n\"\"\"\n/six\\\n\n");
  ASSERT_EQ(report.at("turns").size(), 3u);
  EXPECT_EQ(report.at("turns")[0].at("user"), "one\ntwo");
  EXPECT_EQ(report.at("turns")[1].at("user"), "three\nfour");
  EXPECT_EQ(report.at("turns")[2].at("user"), "/five") << "what is quoted is said, not obeyed";
  const ToolRun open = chat({"-n", "2"}, "\"\"\"never\nclosed\n");
  EXPECT_EQ(open.status, 1);
  EXPECT_THAT(open.err, HasSubstr("has no second one"));
  const ToolRun trailing = chat({"-n", "2"}, "\"\"\"a\"\"\" b\n");
  EXPECT_EQ(trailing.status, 1);
  EXPECT_THAT(trailing.err, HasSubstr("text follows"));
}

TEST_F(ChatContext, WrongUseIsStatusTwoAndNamesTheFlag) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> wrong{
      {{"--kv-budget", "lots"}, "--kv-budget"},
      {{"--kv-budget", "64Q"}, "--kv-budget"},
      {{"--kv-budget", "1M", "--mode", "ann"}, "--kv-budget"},
      {{"--overflow", "all"}, "--overflow"},
      {{"--overflow", "shift", "--compare"}, "--overflow"},
      {{"--logit-bias", "5"}, "--logit-bias"},
      {{"--logit-bias", "x+1"}, "--logit-bias"},
      {{"--logit-bias", "5+-1"}, "--logit-bias"},
      {{"--logit-bias", "5+inf"}, "token 5"},
      {{"--logit-bias", "9999+1", "--prompt", "a"}, "token 9999"},
      {{"--min-p", "1.5"}, "--min-p"},
      {{"--stop", ""}, "--stop"},
      {{"--max-context-length", "0"}, "--max-context-length"},
      {{"--position-overflow", "clamp"}, "--position-overflow"},
      {{"--compare", "--session", "x.json"}, "--compare"},
      {{"--compare", "--mode", "ann"}, "--compare"},
      {{"--device", "cuda", "--mode", "ann"}, "--device"},
      {{"--mode", "source", "--device", "cuda"}, "--device"}};
  for (const auto& [arguments, named] : wrong) {
    const ToolRun run = chat(arguments);
    EXPECT_EQ(run.status, 2) << arguments[0] << " " << arguments[1] << ": " << run.err;
    EXPECT_THAT(run.err, HasSubstr(named));
    EXPECT_EQ(run.out, "");
  }
}

}  // namespace
}  // namespace stac
