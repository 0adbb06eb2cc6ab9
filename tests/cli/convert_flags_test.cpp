// What stac-convert does with an artifact, with a calibration text, and under --strict.
#include <gmock/gmock.h>

#include "cli/tool_run.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ConvertTool : public ::testing::Test {
 protected:
  void SetUp() override {
    write_tiny_checkpoint(runner_.folder() / "tiny", {.vocab = 264});
    write_tiny_tokenizer(runner_.folder() / "tiny");
  }
  [[nodiscard]] ToolResult run(const std::vector<std::string>& arguments) const {
    return runner_.run("stac-convert", arguments);
  }
  /// A conversion without data: tiny-snn-t8.
  void convert() const {
    const ToolResult result = run({"-m", "tiny", "--simplified", "--activation", "keep", "--quantize", "none"});
    ASSERT_EQ(result.status, 0) << result.err;
  }
  [[nodiscard]] nlohmann::json manifest(const std::string& artifact) const {
    return nlohmann::json::parse(read_file(runner_.folder() / artifact / "stac.json"));
  }
  ToolRunner runner_;
};

TEST_F(ConvertTool, RetargetsAnArtifactWhoseSourceIsGone) {
  convert();
  std::filesystem::remove_all(runner_.folder() / "tiny");
  const ToolResult result = run({"--retarget", "tiny-snn-t8", "--timesteps", "5", "--base", "3"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("base 3, T = 5"));
  const nlohmann::json made = manifest("tiny-snn-t5");
  EXPECT_EQ(made["timesteps"], 5);
  EXPECT_EQ(made["profile"], "weights");
  EXPECT_EQ(made["retargeted"]["from"], (runner_.folder() / "tiny-snn-t8").string());
  EXPECT_EQ(runner_.run("stac-test", {"--model", "tiny-snn-t5", "--coverage", "--engine-equality"}).status, 0);
}

TEST_F(ConvertTool, RetargetsNeitherOntoTheArtifactNorOverAnotherWithoutForce) {
  convert();
  EXPECT_EQ(run({"--retarget", "tiny-snn-t8", "-T", "7", "-o", "tiny-snn-t8", "--force"}).status, 1);
  ASSERT_EQ(run({"--retarget", "tiny-snn-t8", "-T", "7"}).status, 0);
  EXPECT_EQ(run({"--retarget", "tiny-snn-t8", "-T", "7"}).status, 1);
  EXPECT_EQ(run({"--retarget", "tiny-snn-t8", "-T", "7", "--force"}).status, 0);
}

TEST_F(ConvertTool, RefusesByNameWhatARetargetedArtifactCannotTake) {
  convert();
  const std::vector<std::vector<std::string>> flags{{"--model", "tiny"},
                                                    {"--revision", "main"},
                                                    {"--unsigned"},
                                                    {"--reset", "hard"},
                                                    {"--rounding", "compensated"},
                                                    {"--activation", "relu"},
                                                    {"--quantize", "int8"},
                                                    {"--threshold", "static"},
                                                    {"--calibration", "bundled"},
                                                    {"--calibration-samples", "4"},
                                                    {"--calibration-length", "16"},
                                                    {"--max-ratio", "1.1"},
                                                    {"--minimise", "spikes"},
                                                    {"--simplified"}};
  for (const std::vector<std::string>& flag : flags) {
    std::vector<std::string> arguments{"--retarget", "tiny-snn-t8", "-T", "5", "-o", "out"};
    arguments.insert(arguments.end(), flag.begin(), flag.end());
    const ToolResult result = run(arguments);
    EXPECT_EQ(result.status, 2) << flag.front();
    EXPECT_THAT(result.err, StartsWith("error: " + flag.front() + ": ")) << flag.front();
  }
  EXPECT_THAT(run({"--retarget", "tiny-snn-t8", "-T", "auto"}).err, HasSubstr("--timesteps auto"));
  EXPECT_THAT(run({"--retarget", "tiny-snn-t8", "--profile", "rms"}).err, HasSubstr("profile rms: needs data"));
  EXPECT_THAT(run({"--retarget", "tiny-snn-t8"}).err, HasSubstr("nothing is to change"));
  EXPECT_THAT(run({"--retarget", "tiny", "-T", "5"}).err, HasSubstr("is no artifact"));
  EXPECT_FALSE(std::filesystem::exists(runner_.folder() / "out"));
}

TEST_F(ConvertTool, SendsWhoConvertsAnArtifactToRetarget) {
  convert();
  EXPECT_THAT(run({"-m", "tiny-snn-t8", "-T", "5"}).err, HasSubstr("--retarget "));
}

TEST_F(ConvertTool, UnderStrictFailsOnFallbacksListsThemAndWritesNothing) {
  const std::vector<std::string> falls_back{"-m", "tiny", "--activation", "keep", "-T", "4", "--max-length", "64"};
  std::vector<std::string> strictly = falls_back;  // the model has 32 positions
  strictly.emplace_back("--strict");
  const ToolResult result = run(strictly);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("calibration samples have 32 tokens, not 64"));
  EXPECT_FALSE(std::filesystem::exists(runner_.folder() / "tiny-snn-t4"));
  EXPECT_EQ(run(falls_back).status, 0);
  EXPECT_THAT(manifest("tiny-snn-t4")["fallbacks"].dump(), HasSubstr("32 tokens, not 64"));
}

TEST_F(ConvertTool, UnderStrictConvertsWhatNeedsNoFallback) {
  EXPECT_EQ(run({"-m", "tiny", "--simplified", "--activation", "keep", "--strict"}).status, 0);
}

TEST_F(ConvertTool, StrictHoldsForConversionsInMemoryAndForArtifacts) {
  const std::vector<std::string> checks{"--coverage", "--strict"};
  const auto status = [&](std::vector<std::string> model) {
    model.insert(model.end(), checks.begin(), checks.end());
    return runner_.run("stac-test", model);
  };
  const ToolResult in_memory = status({"-m", "tiny", "--activation", "keep", "-T", "4", "--max-length", "64"});
  EXPECT_EQ(in_memory.status, 1);
  EXPECT_THAT(in_memory.err, HasSubstr("32 tokens, not 64"));
  EXPECT_EQ(status({"-m", "tiny", "--activation", "keep", "--simplified"}).status, 0);
  ASSERT_EQ(run({"-m", "tiny", "--activation", "keep", "-T", "4", "--max-length", "64"}).status, 0);
  EXPECT_EQ(status({"-m", "tiny-snn-t4"}).status, 1);
}

TEST_F(ConvertTool, CalibratesOnTheBundledTextByName) {
  const ToolResult result = run({"-m", "tiny", "--activation", "keep", "-T", "4", "--calibration", "bundled",
                                 "--num-samples", "5", "--max-length", "16", "--seed", "3"});
  ASSERT_EQ(result.status, 0) << result.err;
  const nlohmann::json calibration = manifest("tiny-snn-t4")["calibration"];
  EXPECT_EQ(calibration["text"], "calibration.txt");
  EXPECT_EQ(calibration["tokens"], 80);
  EXPECT_EQ(calibration["verified"].size(), 2U);
  EXPECT_EQ(calibration["verified"][1]["text"], "self-generated");
}

TEST_F(ConvertTool, TakesThePercentileProfile) {
  ASSERT_EQ(run({"-m", "tiny", "--activation", "keep", "--profile", "percentile", "--max-length", "16"}).status, 0);
  EXPECT_EQ(manifest("tiny-snn-t8")["profile"], "percentile");
}

TEST_F(ConvertTool, ReadsTheSizesOfCalibrationSamplesInEveryToolThatConvertsInMemory) {
  const std::vector<std::string> model{"--model", "tiny", "--activation", "keep", "-T", "4", "--max-length", "33"};
  for (const std::string& tool : std::vector<std::string>{"stac-chat", "stac-test", "stac-bench"}) {
    std::vector<std::string> arguments = model;
    if (tool == "stac-chat") arguments.insert(arguments.end(), {"--num-samples", "3", "--prompt", "hi", "-n", "2"});
    if (tool == "stac-test") arguments.emplace_back("--coverage");
    if (tool == "stac-bench") arguments.insert(arguments.end(), {"--energy", "--context", "8", "--num-samples", "2"});
    const ToolResult result = runner_.run(tool, arguments);
    EXPECT_EQ(result.status, 0) << tool << result.err;
    EXPECT_THAT(result.err, HasSubstr("calibration samples have 32 tokens, not 33")) << tool;
    EXPECT_THAT(result.err, Not(HasSubstr("no flag"))) << tool;
  }
}

}  // namespace
}  // namespace stac::testing
