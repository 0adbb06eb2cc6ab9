// What every command has in common, on the real programs.
#include <gmock/gmock.h>

#include <sstream>

#include "cli/tool_run.hpp"

namespace stac::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class EveryTool : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] ToolResult run(const std::vector<std::string>& arguments) const {
    return runner_.run(GetParam(), arguments);
  }
  ToolRunner runner_;
};

TEST_P(EveryTool, ExplainsItselfWithinAHundredColumns) {
  const ToolResult result = run({"--help"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("--json"));
  EXPECT_THAT(result.out, HasSubstr("Usage: " + std::string(GetParam())));
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST_P(EveryTool, NamesItsVersionsAndInstructionSet) {
  const ToolResult result = run({"--version"});
  EXPECT_EQ(result.status, 0);
  for (const char* word : {"STAC", "LibTorch", "BLAS", "instruction set"}) EXPECT_THAT(result.out, HasSubstr(word));
}

TEST_P(EveryTool, RefusesAFlagGivenTwice) {
  const ToolResult result = run({"--seed", "1", "--seed", "2"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("--seed is given 2 times"));
  EXPECT_EQ(result.out, "");
}

TEST_P(EveryTool, RefusesASwitchGivenTwice) { EXPECT_EQ(run({"--quiet", "--quiet", "--help"}).status, 2); }

TEST_P(EveryTool, SuggestsTheNearestFlagForAnUnknownOne) {
  const ToolResult result = run({"--timestep=8"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("error: there is no flag --timestep"));
  EXPECT_THAT(result.err, HasSubstr("did you mean --timesteps?"));
}

TEST_P(EveryTool, RefusesValuesOutOfRangeByName) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"--timesteps", "0"},
                                                                                         {"--timesteps", "65"},
                                                                                         {"--timesteps", "8x"},
                                                                                         {"--timesteps", ""},
                                                                                         {"--base", "4"},
                                                                                         {"--threads", "-1"},
                                                                                         {"--seed", "1.5"},
                                                                                         {"--device", "tpu"},
                                                                                         {"--log-level", "loud"},
                                                                                         {"--timesteps"},
                                                                                         {"--activation", "swish"},
                                                                                         {"stray"}}) {
    const ToolResult result = run(arguments);
    EXPECT_EQ(result.status, 2) << arguments.front();
    EXPECT_THAT(result.err, StartsWith("error: ")) << arguments.front();
    EXPECT_THAT(result.err, HasSubstr(arguments.front()));
  }
}

TEST_P(EveryTool, TakesUnderscoresForDashes) {
  const ToolResult result = run({"--model_name=/nowhere/at_all", "--log_level=off"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("/nowhere/at_all"));
}

TEST_P(EveryTool, FailsWithStatusOneAndAHintWhereAModelIsMissing) {
  const ToolResult result = run({"--model", "/nowhere/at_all"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, StartsWith("error: "));
  EXPECT_THAT(result.err, HasSubstr("\n       "));
}

TEST_P(EveryTool, PutsAFailureAsOneJsonObjectOnStdoutToo) {
  const ToolResult result = run({"--model", "/nowhere/at_all", "--json"});
  EXPECT_EQ(result.status, 1);
  const auto object = nlohmann::json::parse(result.out);
  EXPECT_THAT(object.at("error").get<std::string>(), HasSubstr("/nowhere/at_all"));
}

TEST_P(EveryTool, LeavesNoJsonFileWhereTheWorkFailed) {
  EXPECT_EQ(run({"--model", "/nowhere/at_all", "--json=report.json"}).status, 1);
  EXPECT_FALSE(std::filesystem::exists(runner_.folder() / "report.json"));
}

INSTANTIATE_TEST_SUITE_P(Tools, EveryTool, ::testing::Values("stac-convert", "stac-chat", "stac-test", "stac-bench"),
                         [](const auto& tool) {
                           std::string name = tool.param;
                           name.erase(name.find('-'), 1);
                           return name;
                         });

TEST(StacConvert, WithoutAModelIsBadUsage) {
  const ToolResult result = ToolRunner().run("stac-convert", {"--timesteps", "8"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("no model to convert"));
}

TEST(StacConvert, RefusesAQuantizationThatThisVersionLacks) {
  EXPECT_EQ(ToolRunner().run("stac-convert", {"--model", "stac-tiny", "--quantize", "int4"}).status, 2);
  const auto useless =
      ToolRunner().run("stac-convert", {"--model", "stac-tiny", "--quantize", "none", "--rounding", "compensated"});
  EXPECT_EQ(useless.status, 2);
}

}  // namespace
}  // namespace stac::testing
