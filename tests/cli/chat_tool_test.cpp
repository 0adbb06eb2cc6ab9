#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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

class ChatTool : public ::testing::Test {
 protected:
  void SetUp() override { model_ = testing::write_tiny_chat_model(folder_.path() / "model").string(); }

  ToolRun chat(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), {"--model", model_, "-n", "6"});
    return testing::run_chat(folder_.path(), arguments, input);
  }

  ToolRun bare(const std::vector<std::string>& arguments) { return testing::run_chat(folder_.path(), arguments); }

  json chat_json(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.emplace_back("--json");
    const ToolRun run = chat(std::move(arguments), input);
    EXPECT_EQ(run.status, 0) << run.err;
    return json::parse(run.out, nullptr, false);
  }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
    return folder_.path() / name;
  }

  testing::TemporaryFolder folder_;
  std::string model_;
};

std::vector<json> ids_of(const json& report) {
  std::vector<json> ids;
  for (const json& turn : report.at("turns")) ids.push_back(turn.at("ids"));
  return ids;
}

bool is_utf8(const std::string& text) {
  return !json(text).dump(-1, ' ', false, json::error_handler_t::ignore).empty() &&
         json(text).dump(-1, ' ', false, json::error_handler_t::ignore) ==
             json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

TEST_F(ChatTool, PromptsAreAnsweredOneAfterAnotherAndReportedAsOneJsonObject) {
  const json report = chat_json({"--prompt", "hi", "--prompt", "and?"});
  ASSERT_EQ(report.at("turns").size(), 2u);
  EXPECT_EQ(report.at("turns")[1].at("user"), "and?");
  EXPECT_EQ(report.at("mode"), "snn");
  EXPECT_EQ(report.at("timesteps"), 8);
  EXPECT_GT(report.at("totals").at("spikes_per_activation"), 0.0);
  for (const json& turn : report.at("turns")) {
    EXPECT_LE(turn.at("tokens"), 6);
    EXPECT_EQ(turn.at("tokens"), turn.at("ids").size());
    EXPECT_GT(turn.at("prompt_tokens"), turn.at("cached_tokens"));
    for (const json& id : turn.at("ids")) EXPECT_LT(id, 257) << "the tokenizer does not know it";
  }
}

TEST_F(ChatTool, BothEnginesSayTheSame) {
  const std::vector<std::string> turns{"--prompt", "one", "--prompt", "two", "--temperature", "1", "--seed", "3"};
  auto temporal = turns;
  temporal.insert(temporal.end(), {"--engine", "temporal", "--threads", "1"});
  const json fused = chat_json(turns);
  const json simulated = chat_json(temporal);
  EXPECT_EQ(ids_of(fused), ids_of(simulated));
  EXPECT_EQ(fused.at("totals").at("spikes_per_activation"), simulated.at("totals").at("spikes_per_activation"));
}

TEST_F(ChatTool, ASeedDecidesWhatIsSampled) {
  const auto with_seed = [&](const char* seed) {
    return ids_of(chat_json({"--prompt", "hi", "--temperature", "2", "--seed", seed}));
  };
  EXPECT_EQ(with_seed("1"), with_seed("1"));
  EXPECT_NE(with_seed("1"), with_seed("2"));
}

TEST_F(ChatTool, TheSourceIsAskedWhetherItWouldHaveSaidTheSame) {
  const json fine = chat_json({"--prompt", "hi", "--timesteps", "16", "--activation", "keep", "--quantize", "none"});
  EXPECT_EQ(fine.at("source_agreement").at("answers_compared"), 1);
  EXPECT_EQ(fine.at("source_agreement").at("identical"), true);
  const json coarse = chat_json({"--prompt", "hi", "--timesteps", "1"});
  EXPECT_EQ(coarse.at("source_agreement").at("identical"), false);
  const json difference = coarse.at("turns")[0].at("source").at("first_difference");
  EXPECT_GE(difference.at("source_top2_gap"), 0.0);
  EXPECT_NE(difference.at("source_id"), difference.at("answer_id"));
  const json source = chat_json({"--prompt", "hi", "--mode", "source"});
  EXPECT_EQ(ids_of(source), ids_of(fine));
  EXPECT_TRUE(source.at("totals").at("spikes_per_activation").is_null());
}

TEST_F(ChatTool, PipedLinesGiveTheAnswersOfThePrompts) {
  const json prompts = chat_json({"--prompt", "hi", "--prompt", "and?"});
  const json piped = chat_json({}, "hi\n\nand?");
  EXPECT_EQ(ids_of(piped), ids_of(prompts));
}

TEST_F(ChatTool, PipedOutputIsWholeUtf8WithoutEscapeCodes) {
  const ToolRun run = chat({"--temperature", "3"}, "h\xC3\xA9\nmore\nand more\n");
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_TRUE(is_utf8(run.out));
  EXPECT_THAT(run.err, Not(HasSubstr("\x1b")));
}

TEST_F(ChatTool, StreamsThatCannotBeUsedAreSaid) {
  const auto with = [&](const std::string& redirect) {
    return testing::run_chat(
        folder_.path(),
        {"--model", model_, "-n", "2", "-q", "--simplified", "--activation", "keep", "--quantize", "none"}, "hi\n",
        redirect);
  };
  for (const char* stdin_of : {"<&-", "< /"}) {
    const ToolRun run = with(stdin_of);
    EXPECT_EQ(run.status, 1) << stdin_of;
    EXPECT_THAT(run.err, HasSubstr("stdin cannot be read")) << stdin_of;
  }
  for (const char* stdout_to : {">&-", "> /dev/full"}) {
    const ToolRun run = with(stdout_to);
    EXPECT_EQ(run.status, 1) << stdout_to;
    EXPECT_THAT(run.err, HasSubstr("standard output cannot be written")) << stdout_to;
  }
}

TEST_F(ChatTool, LinesAreReadHoweverTheyComeAndEnd) {
  const std::vector<std::string> as_it_is{"--simplified", "--activation", "keep", "--quantize", "none"};
  const json wanted = chat_json(as_it_is, "hi\nand?\n");
  for (const char* input : {"hi\r\nand?\r\n", "\n \nhi\n\t\nand?", "\"\"\"hi\"\"\"\nand?\n"}) {
    EXPECT_EQ(ids_of(chat_json(as_it_is, input)), ids_of(wanted)) << input;
  }
  // Neither 0 nor bytes that are no UTF-8 end a line or the chat.
  const json odd = chat_json(as_it_is, std::string("a\0b\n\xff\xfe\n", 7));
  ASSERT_EQ(odd.at("turns").size(), 2u);
  EXPECT_EQ(odd.at("turns")[0].at("user"), std::string("a\0b", 3));
}

TEST_F(ChatTool, CommandsWorkThroughAPipe) {
  const ToolRun run = chat({}, "/help\nhi\n/stats\n/nonsense\n/reset\n/stats\n/quit\nnever said\n");
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("/reset "), HasSubstr(" forget the conversation\n")));
  EXPECT_THAT(run.out, HasSubstr("1 answer, "));
  EXPECT_THAT(run.out, HasSubstr("0 of 96 positions taken"));
  EXPECT_THAT(run.err, HasSubstr("/nonsense"));
  const json report = chat_json({}, "hi\n/reset\nhi\n");
  EXPECT_EQ(ids_of(report)[0], ids_of(report)[1]);
  EXPECT_EQ(report.at("turns")[1].at("conversation"), 1);
}

TEST_F(ChatTool, ScriptsOfBothFormsAreSaid) {
  const auto text = write("talk.txt", "hi\nand?\n");
  const auto lines = write("talk.jsonl", "{\"turns\": [\"hi\", \"and?\"]}\n{\"turns\": [\"hi\"]}\n");
  const json plain = chat_json({"--script", text.string()});
  const json dialogues = chat_json({"--script", lines.string()});
  ASSERT_EQ(dialogues.at("turns").size(), 3u);
  EXPECT_EQ(ids_of(plain)[1], ids_of(dialogues)[1]);
  EXPECT_EQ(ids_of(dialogues)[0], ids_of(dialogues)[2]) << "a dialogue starts a conversation of its own";
  EXPECT_EQ(chat_json({"--script", lines.string(), "--turns", "1"}).at("turns").size(), 1u);
}

TEST_F(ChatTool, TheBundledTurnsAreTakenByNumber) {
  const json report = chat_json({"--turns", "1"});
  EXPECT_THAT(report.at("turns")[0].at("user").get<std::string>(), Not(::testing::IsEmpty()));
}

TEST_F(ChatTool, JsonInAFileLeavesTheTranscriptOnStdout) {
  const std::string file = (folder_.path() / "report.json").string();
  const ToolRun run = chat({"--prompt", "hi", "--json=" + file});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("user: hi\nassistant: "));
  EXPECT_EQ(json::parse(file_text(file)).at("turns").size(), 1u);
}

TEST_F(ChatTool, AFullContextIsAnErrorThatKeepsWhatWasSaid) {
  const ToolRun run = chat({"--prompt", "hi", "--prompt", std::string(100, 'x'), "--json"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("the context is full"));
  EXPECT_THAT(run.err, HasSubstr("/reset"));
  const json report = json::parse(run.out);
  EXPECT_EQ(report.at("turns").size(), 1u);
  EXPECT_THAT(report.at("error").get<std::string>(), HasSubstr("the context is full"));
}

TEST_F(ChatTool, AnAnswerThatFillsTheContextIsCutAndSaid) {
  const ToolRun run = chat({"--prompt", std::string(88, 'x')});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("the context is full and the answer was cut"));
}

TEST_F(ChatTool, AModelWithoutAChatTemplateIsAskedInAPlainFormAndThatIsSaid) {
  std::filesystem::remove(std::filesystem::path(model_) / "chat_template.jinja");
  const ToolRun run = chat({"--prompt", "hi"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("has no chat template"));
  const auto plain = write("plain.jinja", "{% for m in messages %}User: {{ m.content }}\n{% endfor %}Assistant:");
  const json same = chat_json({"--prompt", "hi", "--chat-template", plain.string()});
  EXPECT_EQ(ids_of(chat_json({"--prompt", "hi"})), ids_of(same));
}

TEST_F(ChatTool, AnotherChatTemplateChangesWhatTheModelReads) {
  const auto longer = write("longer.jinja", "{% for m in messages %}{{ m.role }} says {{ m.content }}{% endfor %}");
  const json own = chat_json({"--prompt", "hi"});
  const json given = chat_json({"--prompt", "hi", "--chat-template", longer.string()});
  EXPECT_EQ(given.at("turns")[0].at("prompt_tokens"), 12);
  EXPECT_NE(given.at("turns")[0].at("prompt_tokens"), own.at("turns")[0].at("prompt_tokens"));
}

TEST_F(ChatTool, ABrokenOrMissingChatTemplateIsAnErrorThatNamesItsFile) {
  const ToolRun broken = chat({"--prompt", "hi", "--chat-template", write("broken.jinja", "{% if %}").string()});
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.err, HasSubstr("broken.jinja: line 1, column"));
  const ToolRun missing = chat({"--prompt", "hi", "--chat-template", "/nowhere/a.jinja"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("/nowhere/a.jinja"));
}

TEST_F(ChatTool, WrongUseIsStatusTwoAndNamesTheFlag) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> wrong{
      {{"--prompt", "a", "--turns", "2"}, "--prompt"},
      {{"--temperature", "-1"}, "--temperature"},
      {{"--temperature", "warm"}, "--temperature"},
      {{"--top-p", "0"}, "--top-p"},
      {{"--top-k", "-3"}, "--top-k"},
      {{"--mode", "dense"}, "--mode"},
      {{"--engine", "quantum"}, "--engine"},
      {{"--dtype", "int8"}, "--dtype"},
      {{"--kv-dtype", "q8_0"}, "--kv-dtype"},
      {{"--turns", "0"}, "--turns"},
      {{"--seed", "1", "--seed", "2"}, "--seed"},
      {{"--compare-source", "--temperature", "1"}, "--compare-source"},
      {{"--timesteps", "65"}, "--timesteps"},
      {{"--colour"}, "--colour"},
      {{"hello"}, "hello"}};
  for (const auto& [arguments, named] : wrong) {
    const ToolRun run = chat(arguments);
    EXPECT_EQ(run.status, 2) << arguments[0] << ": " << run.err;
    EXPECT_THAT(run.err, HasSubstr(named));
    EXPECT_EQ(run.out, "");
  }
}

TEST_F(ChatTool, FailuresAreStatusOneAndNameWhatFailed) {
  const ToolRun script = chat({"--script", "/nowhere/talk.txt"});
  EXPECT_EQ(script.status, 1);
  EXPECT_THAT(script.err, HasSubstr("/nowhere/talk.txt"));
  const ToolRun model = bare({"--model", "/nowhere/model", "--prompt", "hi"});
  EXPECT_EQ(model.status, 1);
  EXPECT_THAT(model.err, HasSubstr("/nowhere/model"));
}

TEST_F(ChatTool, HelpNamesTheDefaultOfTheTemperature) {
  const ToolRun run = bare({"--help"});
  EXPECT_EQ(run.status, 0);
  EXPECT_THAT(run.out, HasSubstr("greedy (temperature 0) unless told otherwise"));
}

// The demonstration of the README, on the trained model.
TEST_F(ChatTool, TheBundledModelRemembersANameAndAgreesWithItsSource) {
  if (!std::filesystem::exists(testing::source_root() / "models/stac-tiny/model.safetensors")) {
    FAIL() << "models/stac-tiny is not there";
  }
  const ToolRun run =
      bare({"--model", "stac-tiny", "--turns", "3", "--activation", "keep", "--quantize", "none", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const json report = json::parse(run.out);
  ASSERT_EQ(report.at("turns").size(), 3u);
  EXPECT_THAT(report.at("turns")[2].at("assistant").get<std::string>(), HasSubstr("Alice"));
  EXPECT_EQ(report.at("source_agreement").at("identical"), true) << report.dump(2);
}

}  // namespace
}  // namespace stac
