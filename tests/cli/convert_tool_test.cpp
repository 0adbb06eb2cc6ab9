// stac-convert, stac-test and stac-bench on a small random checkpoint.
#include <gmock/gmock.h>

#include <sstream>

#include "cli/tool_run.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OnATinyCheckpoint : public ::testing::Test {
 protected:
  void SetUp() override {
    TinyCheckpoint shape;
    shape.vocab = 264;  // the tokenizer's bytes and special tokens fit in
    write_tiny_checkpoint(source(), shape);
    write_tiny_tokenizer(source());
  }
  [[nodiscard]] std::filesystem::path source() const { return runner_.folder() / "tiny"; }
  [[nodiscard]] ToolResult convert(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"--model_name", source().string(), "--timesteps", "6",
                                       "--simplified", "--output_dir",    "out"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runner_.run("stac-convert", arguments);
  }
  ToolRunner runner_;
};

TEST_F(OnATinyCheckpoint, ConvertWritesAnArtifactAndATableWithoutEscapeCodes) {
  const ToolResult result = convert();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("T = 6"));
  EXPECT_THAT(result.out + result.err, Not(HasSubstr("\x1b")));
  EXPECT_TRUE(std::filesystem::exists(runner_.folder() / "out/stac.json"));
}

TEST_F(OnATinyCheckpoint, ConvertSaysWhatEachStepCostAndWhatEachLayerDidWithinAHundredColumns) {
  const ToolResult result = runner_.run(
      "stac-convert", {"--model", source().string(), "-o", "out", "--profile", "best", "--max-ratio", "1.5"});
  EXPECT_EQ(result.status, 0) << result.err;
  for (const char* const part :
       {"\nlogit scale ", "\nverdict ", "\nswap alone ", "\nrefitted ", "\nint8 ", "\nspikes, chosen codes ",
        "residual stream", "silent in a window", "at full scale in a window", "\nseconds: "}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    const bool holds_path = line.find(runner_.folder().string()) != std::string::npos;
    EXPECT_TRUE(holds_path || line.size() <= 100U) << line;
  }
}

TEST_F(OnATinyCheckpoint, ConvertPutsQualityIntoTheManifestAndSecondsBesideIt) {
  const ToolResult result = convert({"--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto report = nlohmann::json::parse(result.out);
  const auto manifest = nlohmann::json::parse(read_file(runner_.folder() / "out/stac.json"));
  EXPECT_EQ(report.at("quality"), manifest.at("quality"));
  EXPECT_EQ(manifest.at("quality").at("text"), "evaluation_stories.txt");
  EXPECT_EQ(manifest.at("quality").at("layers").size(), 2U);
  EXPECT_TRUE(manifest.at("logit_scale").is_null());  // --simplified
  EXPECT_FALSE(manifest.contains("seconds"));
  EXPECT_GT(report.at("seconds").size(), 5U);
}

TEST(ConvertToolOnStacTiny, CallsADeadNetworkDead) {
  const ToolRunner runner;
  const auto run = [&](const char* timesteps) {
    return runner.run("stac-convert", {"--model", "stac-tiny", "--code", "rate", "--timesteps", timesteps,
                                       "--activation", "keep", "--quantize", "none", "--force", "-o", "out", "--json"});
  };
  for (const auto& [timesteps, condition] : {std::pair{"2", "dead"}, {"8", "damaged"}}) {
    const ToolResult result = run(timesteps);
    ASSERT_EQ(result.status, 0) << result.err;
    const auto report = nlohmann::json::parse(result.out);
    EXPECT_EQ(report.at("quality").at("condition"), condition);
    EXPECT_THAT(result.err, HasSubstr(std::string("warning: ") + condition + ": perplexity x"));
    EXPECT_THAT(report.at("warnings").dump(), HasSubstr(condition));
    EXPECT_THAT(read_file(runner.folder() / "out/README.md"), HasSubstr(condition));
  }
}

TEST_F(OnATinyCheckpoint, ConvertPrintsOneJsonObjectAndNothingElse) {
  const ToolResult result = convert({"--json", "--base", "3"});
  EXPECT_EQ(result.status, 0) << result.err;
  const auto object = nlohmann::json::parse(result.out);
  EXPECT_EQ(object.at("output"), (runner_.folder() / "out").string());
  EXPECT_EQ(object.at("coverage"), 1.0);
}

TEST_F(OnATinyCheckpoint, ConvertIsSilentWhereQuietIsAskedFor) {
  const ToolResult result = convert({"--quiet"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "");
}

TEST_F(OnATinyCheckpoint, ConvertReplacesAnArtifactOnlyByForce) {
  ASSERT_EQ(convert().status, 0);
  EXPECT_EQ(convert().status, 1);
  EXPECT_EQ(convert({"--force"}).status, 0);
}

TEST_F(OnATinyCheckpoint, BenchPutsTheAgreedKeysIntoAFile) {
  ASSERT_EQ(convert().status, 0);
  std::ofstream(runner_.folder() / "text.txt") << std::string(400, 'a') << " and " << std::string(200, 'b');
  const ToolResult result = runner_.run("stac-bench", {"--perplexity", "text.txt", "--context", "32", "--windows", "3",
                                                       "--energy", "--json=report.json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("perplexity"));
  EXPECT_THAT(result.err, HasSubstr("written last"));
  const auto report = nlohmann::json::parse(read_file(runner_.folder() / "report.json"));
  EXPECT_EQ(report.at("timesteps"), 6);
  EXPECT_EQ(report.at("code"), "phase");
  EXPECT_EQ(report.at("base"), 2);
  EXPECT_EQ(report.at("text").at("windows"), 3);
  EXPECT_EQ(report.at("text").at("context"), 32);
  EXPECT_EQ(report.at("spikes").at("coverage"), 1.0);
  EXPECT_GT(report.at("spikes").at("per_activation").get<double>(), 0.0);
  EXPECT_GT(report.at("dense").at("perplexity").get<double>(), 1.0);
  EXPECT_GE(report.at("dense").at("distinct_predictions").get<int>(), 1);
  const auto& spiking = report.at("spiking");
  EXPECT_DOUBLE_EQ(spiking.at("ratio").get<double>() * report.at("dense").at("perplexity").get<double>(),
                   spiking.at("perplexity").get<double>());
  EXPECT_GE(spiking.at("kl").get<double>(), 0.0);
  EXPECT_LE(spiking.at("top1_agreement").get<double>(), 1.0);
  EXPECT_GE(spiking.at("distinct_predictions").get<int>(), 1);
  EXPECT_LE(spiking.at("ratio_interval").at(0).get<double>(), spiking.at("ratio_interval").at(1).get<double>());
  EXPECT_GT(report.at("energy").at("ratio").get<double>(), 0.0);
}

TEST_F(OnATinyCheckpoint, BenchSaysWhyThereAreNoDenseFigures) {
  ASSERT_EQ(convert().status, 0);
  std::filesystem::rename(source(), runner_.folder() / "moved");
  std::ofstream(runner_.folder() / "text.txt") << std::string(400, 'a');
  const ToolResult result =
      runner_.run("stac-bench", {"--perplexity", "text.txt", "--context", "32", "--windows", "2", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_TRUE(report.at("dense").is_null());
  EXPECT_NE(report.at("dense_missing_reason"), "");
  EXPECT_TRUE(report.at("spiking").at("ratio").is_null());
}

TEST_F(OnATinyCheckpoint, BenchRefusesATextShorterThanAWindow) {
  std::ofstream(runner_.folder() / "text.txt") << "a";
  const ToolResult result =
      runner_.run("stac-bench", {"--model", source().string(), "--perplexity", "text.txt", "--context", "32"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("too few for one window"));
}

TEST_F(OnATinyCheckpoint, TestChecksEnginesAndCacheAndFailsOnABarThatCannotBeMet) {
  const std::vector<std::string> sound{
      "--model", source().string(), "--engine-equality", "--kv-cache", "--coverage", "--determinism", "--json"};
  const ToolResult result = runner_.run("stac-test", sound);
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out).at("passed"), 4);
  const ToolResult failing = runner_.run(
      "stac-test", {"--model", source().string(), "--fidelity", "--context", "32", "--max-perplexity-ratio", "0.5"});
  EXPECT_EQ(failing.status, 1);
  EXPECT_THAT(failing.out, HasSubstr("failed"));
}

TEST_F(OnATinyCheckpoint, TestFindsTheTokenizersDifferencesOnAFolderOfTokenizerFiles) {
  std::filesystem::remove(source() / "model.safetensors");
  std::ofstream(runner_.folder() / "parity.jsonl") << R"({"text": "a", "ids": [999999], "decoded": "a"})"
                                                   << "\n";
  const ToolResult result =
      runner_.run("stac-test", {"--model", source().string(), "--tokenizer-parity", "parity.jsonl"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.out, HasSubstr("line 1"));
}

TEST_F(OnATinyCheckpoint, TestComparesChatTemplatesWithTheirReferenceWithoutAModel) {
  const std::string line = R"({"template": "{{ messages[0].role }}", "messages": [{"role": "user", "content": "a"}], )"
                           R"("add_generation_prompt": false, "bos_token": null, "eos_token": null, "expected": )";
  std::ofstream(runner_.folder() / "same.jsonl") << line << R"("user", "error": null})"
                                                 << "\n";
  const ToolResult same = runner_.run("stac-test", {"--chat-template-parity", "same.jsonl", "--json"});
  EXPECT_EQ(same.status, 0) << same.err;
  EXPECT_EQ(nlohmann::json::parse(same.out).at("passed"), 1);
  std::ofstream(runner_.folder() / "other.jsonl") << line << R"("system", "error": null})"
                                                  << "\n";
  const ToolResult other = runner_.run("stac-test", {"--chat-template-parity", "other.jsonl"});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.out, HasSubstr("line 1: rendered texts differ"));
}

}  // namespace
}  // namespace stac::testing
