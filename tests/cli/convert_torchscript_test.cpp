// stac-convert --torchscript: where the module goes, and where it must not.
#include <gmock/gmock.h>

#include "cli/tool_run.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ConvertTorchScript : public ::testing::Test {
 protected:
  void SetUp() override { write_tiny_checkpoint(runner_.folder() / "tiny", {}); }
  [[nodiscard]] ToolResult convert(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"--model", "tiny", "--simplified", "--activation", "keep"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runner_.run("stac-convert", arguments);
  }
  [[nodiscard]] bool is_listed(const std::filesystem::path& artifact, const std::string& file) const {
    const auto manifest = nlohmann::json::parse(read_file(runner_.folder() / artifact / "stac.json"));
    return manifest.at("files").contains(file);
  }
  [[nodiscard]] bool is_there(const std::filesystem::path& file) const {
    return std::filesystem::is_regular_file(runner_.folder() / file);
  }
  ToolRunner runner_;
};

TEST_F(ConvertTorchScript, InsideAnArtifactOfARelativeNameItIsOneOfItsFiles) {
  const ToolResult result = convert({"-o", "out", "--optimize_for_torchscript"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(is_listed("out", "model.pt"));
  const ToolResult test = runner_.run("stac-test", {"--model", "out", "--torchscript"});
  EXPECT_EQ(test.status, 0) << test.out << test.err;
  EXPECT_THAT(test.out, HasSubstr("model.pt"));
}

TEST_F(ConvertTorchScript, ASlashBehindTheFolderDoesNotChangeThat) {
  const ToolResult result = convert({"-o", "out/", "--torchscript", "./out/net.pt"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(is_listed("out", "net.pt"));
}

TEST_F(ConvertTorchScript, ElsewhereItIsAFileOfItsOwnThatTheCheckTakes) {
  const ToolResult result = convert({"-o", "out", "--torchscript", "net.pt"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(is_there("net.pt"));
  EXPECT_FALSE(is_listed("out", "net.pt"));
  const ToolResult test = runner_.run("stac-test", {"--model", "out", "--torchscript", "--torchscript-file", "net.pt"});
  EXPECT_EQ(test.status, 0) << test.out << test.err;
  EXPECT_THAT(test.out, HasSubstr("net.pt"));
}

TEST_F(ConvertTorchScript, IsStoredAsItIsAskedForAndCheckedAsItIsStored) {
  const ToolResult result =
      convert({"-o", "out", "--torchscript", "net.pt", "--dtype", "f16", "--kv-dtype", "int8", "--json=report.json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(read_file(runner_.folder() / "report.json")).at("torchscript_storage"),
            nlohmann::json({{"membranes", "f16"}, {"cache", "int8"}}));
  EXPECT_THAT(result.out, HasSubstr("net.pt; storage f16, cache int8"));
  const ToolResult test = runner_.run("stac-test", {"--model", "out", "--torchscript", "--torchscript-file", "net.pt"});
  EXPECT_EQ(test.status, 0) << test.out << test.err;
  EXPECT_THAT(test.out, HasSubstr("net.pt, which stores f16, cache int8"));
}

TEST_F(ConvertTorchScript, AFileThatIsThereIsReplacedByForceAlone) {
  std::ofstream(runner_.folder() / "net.pt") << "mine";
  const ToolResult refused = convert({"-o", "out", "--torchscript", "net.pt"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("net.pt: exists already"), HasSubstr("--force")));
  EXPECT_EQ(read_file(runner_.folder() / "net.pt"), "mine");
  EXPECT_FALSE(is_there("out/stac.json"));
  ASSERT_EQ(convert({"-o", "out", "--torchscript", "net.pt", "--force"}).status, 0);
  EXPECT_NE(read_file(runner_.folder() / "net.pt"), "mine");
}

TEST_F(ConvertTorchScript, StorageWithoutAModuleIsRefusedAndSaysWhoTakesIt) {
  for (const auto& [flag, value] : {std::pair{"--dtype", "bf16"}, std::pair{"--kv-dtype", "int8"}}) {
    const ToolResult result = convert({"-o", "out", flag, value});
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, AllOf(HasSubstr(flag), HasSubstr("give it to stac-chat")));
    EXPECT_FALSE(is_there("out/stac.json"));
  }
}

TEST_F(ConvertTorchScript, PlacesThatWouldSpoilTheArtifactAreRefusedBeforeTheWork) {
  for (const auto& [file, reason] :
       {std::pair{"out/model.safetensors", "is one of the artifact's own files"},
        std::pair{"out/stac.json", "is one of the artifact's own files"},
        std::pair{"out/sub/net.pt", "an artifact holds files"}, std::pair{"out", "an artifact holds files"}}) {
    const ToolResult result = convert({"-o", "out", "--torchscript", file});
    EXPECT_EQ(result.status, 2) << file;
    EXPECT_THAT(result.err, HasSubstr(reason)) << file;
    EXPECT_FALSE(std::filesystem::exists(runner_.folder() / "out")) << file;
  }
  const ToolResult nowhere = convert({"-o", "out", "--torchscript", "missing/net.pt"});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_FALSE(is_there("out/stac.json"));
}

TEST_F(ConvertTorchScript, ACodeOfTooManyLevelsIsRefusedBeforeTheWork) {
  const ToolResult result = convert({"-o", "out", "--timesteps", "20", "--torchscript", "net.pt"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("says more levels than a TorchScript module has a table for"));
  EXPECT_FALSE(is_there("out/stac.json"));
}

TEST_F(ConvertTorchScript, AFileThatIsNoModuleFailsTheCheckAndSaysSo) {
  ASSERT_EQ(convert({"-o", "out"}).status, 0);
  std::ofstream(runner_.folder() / "net.pt") << "no module";
  const ToolResult test = runner_.run("stac-test", {"--model", "out", "--torchscript", "--torchscript-file", "net.pt"});
  EXPECT_EQ(test.status, 1);
  EXPECT_THAT(test.out, HasSubstr("LibTorch can open"));
}

}  // namespace
}  // namespace stac::testing
