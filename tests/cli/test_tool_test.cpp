// stac-test as people and CI systems run it.
#include <gmock/gmock.h>

#include "cli/tool_run.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> kChecks{"position-boundaries", "attention-mask", "kv-cache",   "engine-equality",
                                       "determinism",         "spikes",         "energy",     "energy-range",
                                       "dense-parity",        "dead-network",   "multi-turn", "coherence",
                                       "mixed-precision",     "torchscript"};

class TestTool : public ::testing::Test {
 protected:
  void SetUp() override {
    TinyCheckpoint shape;
    shape.vocab = 264;  // the tokenizer's bytes and special tokens fit in
    shape.positions = 96;
    write_tiny_checkpoint(model(), shape);
    write_tiny_tokenizer(model());
  }
  [[nodiscard]] std::filesystem::path model() const { return runner_.folder() / "tiny"; }
  [[nodiscard]] ToolResult test(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"--model",    model().string(), "--activation", "keep",
                                       "--quantize", "none",           "--simplified"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runner_.run("stac-test", arguments);
  }
  [[nodiscard]] nlohmann::json report(std::vector<std::string> more) const {
    more.emplace_back("--json");
    return nlohmann::json::parse(test(more).out);
  }
  /// Runs a Python program in the folder: its status, and what it says.
  [[nodiscard]] std::string python(const std::string& program) const {
    std::ofstream(runner_.folder() / "program.py") << program;
    const std::string command = "cd '" + runner_.folder().string() + "' && python3 program.py > .python 2>&1";
    const bool done = std::system(command.c_str()) == 0;
    return (done ? "0: " : "failed: ") + read_file(runner_.folder() / ".python");
  }
  ToolRunner runner_;
};

std::vector<std::string> names_of(const nlohmann::json& report) {
  std::vector<std::string> names;
  for (const auto& check : report.at("checks")) names.push_back(check.at("name"));
  return names;
}

TEST_F(TestTool, AllRunsEveryCheckAndEndsWithTheChecklist) {
  const ToolResult result = test({"--all", "--expect-energy", "0.01:5", "--json=report.json"});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  const auto json = nlohmann::json::parse(read_file(runner_.folder() / "report.json"));
  EXPECT_EQ(names_of(json), kChecks);
  EXPECT_EQ(json.at("failed"), 0);
  EXPECT_EQ(json.at("passed").get<int>() + json.at("skipped").get<int>(), static_cast<int>(kChecks.size()));
  const std::size_t summary = result.out.find(" failed, ");
  for (const char* const claim : {"position ids within bounds", "attention masks grow correctly across turns",
                                  "KV cache maintains history", "multi-turn coherence with factual recall",
                                  "energy within the expected range", "TorchScript export compatible"}) {
    const std::size_t at = result.out.find(claim);
    EXPECT_TRUE(at != std::string::npos && at > summary) << claim << "\n" << result.out;
  }
  ASSERT_EQ(json.at("checklist").size(), 6U);
  EXPECT_EQ(json.at("checklist").at(0).at("verdict"), "passed");
  EXPECT_EQ(json.at("checklist").at(4).at("verdict"), "passed");
}

TEST_F(TestTool, EachCheckIsAFlagAndTheOriginalsSpellingsWork) {
  EXPECT_EQ(names_of(report({"--test_position_boundaries"})), std::vector<std::string>{"position-boundaries"});
  EXPECT_EQ(names_of(report({"--test_attention_mask", "--kv-cache"})),
            (std::vector<std::string>{"attention-mask", "kv-cache"}));
  EXPECT_EQ(names_of(report({"--test_energy"})), (std::vector<std::string>{"energy", "energy-range"}));
  EXPECT_EQ(names_of(report({"--test_multi_turn"})), std::vector<std::string>{"multi-turn"});
  EXPECT_EQ(names_of(report({"--coverage"})), std::vector<std::string>{"spikes"});
  EXPECT_EQ(names_of(report({"--fidelity", "--dead-network"})), std::vector<std::string>{"dead-network"});
  EXPECT_FALSE(report({"--spikes"}).contains("checklist"));
}

TEST_F(TestTool, ListNamesEveryCheck) {
  const ToolResult result = runner_.run("stac-test", {"--list", "--json"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(nlohmann::json::parse(result.out).at("checks").get<std::vector<std::string>>(), kChecks);
}

TEST_F(TestTool, JUnitIsReadByAnXmlParserAndAgreesWithTheJson) {
  const ToolResult result = test({"--spikes", "--dead-network", "--multi-turn", "--max-perplexity-ratio", "0.5",
                                  "--junit", "report.xml", "--json=report.json"});
  EXPECT_EQ(result.status, 1);
  const std::string said = python(R"(
import json, xml.etree.ElementTree as xml
root = xml.parse("report.xml").getroot()
report = json.load(open("report.json"))
assert root.tag == "testsuites" and [suite.tag for suite in root] == ["testsuite"], root
suite = root[0]
assert suite.get("name") == "stac-test"
cases = suite.findall("testcase")
assert [case.get("name") for case in cases] == [check["name"] for check in report["checks"]]
assert int(suite.get("tests")) == len(cases) == 3
assert int(suite.get("failures")) == report["failed"] == len(suite.findall("testcase/failure")) == 1
assert int(suite.get("skipped")) == report["skipped"] == len(suite.findall("testcase/skipped")) == 1
assert int(suite.get("errors")) == 0 and float(suite.get("time")) >= 0
for case, check in zip(cases, report["checks"]):
    assert case.get("classname") == "stac-test" and float(case.get("time")) >= 0
    outcome = {"failure": "failed", "skipped": "skipped", "system-out": "passed"}[case[0].tag]
    assert len(case) == 1 and outcome == check["verdict"], (case[0].tag, check)
    assert case[0].get("message", check["measured"]) == check["measured"]
failure = suite.find("testcase/failure")
assert "bar: ratio <= 0.5" in failure.text, failure.text
assert suite.find("properties/property[@name='model']") is not None
print("read")
)");
  EXPECT_EQ(said, "0: read\n");
}

TEST_F(TestTool, JUnitHoldsWhateverAModelIsCalled) {
  const auto odd = runner_.folder() / "a <b> & \"c\"\x01\xFF";
  std::filesystem::rename(model(), odd);
  const ToolResult result = runner_.run(
      "stac-test", {"--model", odd.string(), "--activation", "keep", "--simplified", "--spikes", "--junit", "r.xml"});
  EXPECT_EQ(result.status, 0) << result.err;
  const std::string said = python(R"(
import xml.etree.ElementTree as xml
print(ascii(xml.parse("r.xml").getroot().find(".//property[@name='model']").get("value")))
)");
  EXPECT_THAT(said, HasSubstr(R"(a <b> & "c"\ufffd\ufffd)"));
}

TEST_F(TestTool, FilesThatCannotBeWrittenOrReadAreToldBeforeTheWork) {
  for (const char* const flag : {"--junit", "--text", "--torchscript-file", "--parity"}) {
    const ToolResult result = test({"--spikes", flag, "nowhere/file"});
    EXPECT_EQ(result.status, 1) << flag;
    EXPECT_THAT(result.err, AllOf(HasSubstr("nowhere"), Not(HasSubstr("model:")))) << flag;
  }
}

TEST_F(TestTool, HoldsEnergyAgainstTheRangeThatIsGiven) {
  EXPECT_EQ(test({"--energy", "--expect-energy", "0.01:5"}).status, 0);
  EXPECT_EQ(test({"--energy", "--expect-energy", "0:0.01"}).status, 1);
  const auto without = report({"--energy"});
  EXPECT_EQ(without.at("skipped"), 1);
  EXPECT_THAT(without.at("checks").at(1).at("measured").get<std::string>(), HasSubstr("--expect-energy"));
}

TEST_F(TestTool, TakesDialoguesFromAFileOrTurnsOfTheBundledOnes) {
  std::ofstream(runner_.folder() / "talk.jsonl")
      << R"({"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}], )"
      << R"("questions": [{"turn": 1, "keywords": [["nothing that it says"]]}]})"
      << "\n";
  const auto own = report({"--multi-turn", "--dialogues", "talk.jsonl", "--require-recall", "0.5"});
  EXPECT_EQ(own.at("failed"), 1);
  EXPECT_THAT(own.at("checks").at(0).at("measured").get<std::string>(), HasSubstr("0 of 1 right"));
  EXPECT_EQ(report({"--multi-turn", "--dialogues", "talk.jsonl"}).at("skipped"), 1);
  const auto turns = report({"--multi-turn", "--turns", "2", "--require-recall", "1"});
  EXPECT_THAT(turns.at("checks").at(0).at("measured").get<std::string>(), HasSubstr("of 1 right"));
}

TEST_F(TestTool, JudgesAnArtifactBesideItsOwnWeightsWhereItsSourceIsGone) {
  ASSERT_EQ(runner_.run("stac-convert", {"--model", model().string(), "--simplified", "-T", "10", "-o", "out"}).status,
            0);
  std::filesystem::rename(model(), runner_.folder() / "moved");
  const ToolResult result =
      runner_.run("stac-test", {"--model", "out", "--dead-network", "--max-ratio", "1.5", "--json"});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  const auto check = nlohmann::json::parse(result.out).at("checks").at(0);
  EXPECT_EQ(check.at("verdict"), "passed");
  EXPECT_THAT(check.at("bar").get<std::string>(), AllOf(HasSubstr("ratio <= 1.5"), HasSubstr("its own weights")));
}

TEST_F(TestTool, RefusesWrongBarsAndDialogues) {
  const std::vector<std::pair<std::vector<std::string>, int>> wrong{
      {{"--expect-energy", "0.5"}, 2},
      {{"--expect-energy", "0.5:0.1"}, 2},
      {{"--expect-energy", "-1:1"}, 2},
      {{"--require-recall", "1.5"}, 2},
      {{"--dialogues", "0"}, 2},
      {{"--dialogues", "3", "--turns", "4"}, 2},
      {{"--max-ratio", "1.1", "--max-perplexity-ratio", "1.1"}, 2},
      {{"--turns", "0"}, 2},
      {{"--multi-turn", "--turns", "1"}, 2},
      {{"--multi-turn", "--dialogues", "missing.jsonl"}, 1},
      {{"--spikes=yes"}, 2}};
  for (const auto& [arguments, status] : wrong) {
    const ToolResult result = test(arguments);
    EXPECT_EQ(result.status, status) << arguments.front() << "\n" << result.out << result.err;
    EXPECT_THAT(result.out + result.err, HasSubstr(arguments.size() > 2 ? arguments[2] : arguments[0].substr(0, 8)));
  }
}

}  // namespace
}  // namespace stac::testing
