#include "stac/cli/flag_set.hpp"

#include <gmock/gmock.h>

#include "stac/error.hpp"

namespace stac::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Flags {
  FlagSet set;
  bool force = false;
  std::optional<std::string> model;
  std::vector<std::string> prompts;
  std::optional<std::filesystem::path> json;
  std::int64_t steps = 8;
  double scale = 1.0;
  std::string bos = "auto";

  Flags() {
    set.toggle("-f,--force", force, "by force");
    set.text("-m,--model", model, "MODEL", "a model");
    set.alias("--model-name", "--model");
    set.texts("--prompt", prompts, "TEXT", "a prompt");
    set.optional_path("--json", json, "as JSON");
    set.integer("-T,--timesteps", steps, {1, 64}, "steps");
    set.number("--scale", scale, {0.0, 2.0}, "a scale");
    set.choice("--bos", bos, {"auto", "yes", "no"}, "bos");
  }
  void parse(const std::vector<std::string>& arguments) { set.parse(arguments); }
};

std::string complaint(const std::vector<std::string>& arguments) {
  Flags flags;
  try {
    flags.parse(arguments);
  } catch (const UsageError& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}

TEST(FlagSet, ReadsEveryKindOfValue) {
  Flags flags;
  flags.parse({"-f", "-m", "a_b", "--prompt", "one_x", "--prompt=two", "-T", "5", "--scale", "0.5", "--bos", "no"});
  EXPECT_TRUE(flags.force);
  EXPECT_EQ(flags.model, "a_b");
  EXPECT_THAT(flags.prompts, ElementsAre("one_x", "two"));
  EXPECT_EQ(flags.steps, 5);
  EXPECT_EQ(flags.scale, 0.5);
  EXPECT_EQ(flags.bos, "no");
  EXPECT_TRUE(flags.set.given("--timesteps"));
  EXPECT_FALSE(flags.set.given("--json"));
}

TEST(FlagSet, KeepsDefaultsOfFlagsThatAreNotGiven) {
  Flags flags;
  flags.parse({});
  EXPECT_EQ(flags.steps, 8);
  EXPECT_EQ(flags.model, std::nullopt);
}

TEST(FlagSet, TakesAnOptionalPathOnlyAfterTheEqualsSign) {
  Flags alone, file;
  alone.parse({"--json"});
  file.parse({"--json=a_b.json"});
  EXPECT_EQ(alone.json, std::filesystem::path());
  EXPECT_EQ(file.json, std::filesystem::path("a_b.json"));
  EXPECT_THAT(complaint({"--json", "file"}), HasSubstr("'file' belongs to no flag"));
}

TEST(FlagSet, ReadsUnderscoresInNamesAsDashesAndLeavesValuesAlone) {
  Flags flags;
  flags.parse({"--model_name=x_y"});
  EXPECT_EQ(flags.model, "x_y");
}

TEST(FlagSet, CountsAnAliasAsTheSameFlag) {
  EXPECT_THAT(complaint({"--model", "a", "--model_name", "b"}), HasSubstr("--model is given 2 times"));
}

TEST(FlagSet, NamesFlagAndRangeOfABadValue) {
  EXPECT_THAT(complaint({"-T", "65"}), HasSubstr("--timesteps cannot be '65' | give a whole number from 1 to 64"));
  EXPECT_THAT(complaint({"--scale", "nan"}), HasSubstr("--scale cannot be 'nan'"));
  EXPECT_THAT(complaint({"--bos", "maybe"}), HasSubstr("choose from: auto, yes, no"));
  EXPECT_THAT(complaint({"--force=yes"}), HasSubstr("--force takes no value"));
  EXPECT_THAT(complaint({"--model"}), HasSubstr("--model has no value | give --model VALUE"));
}

TEST(FlagSet, SuggestsForTyposAndNotForNonsense) {
  EXPECT_THAT(complaint({"--modle", "x"}), HasSubstr("did you mean --model?"));
  EXPECT_THAT(complaint({"--zzzzzzzzzz"}), HasSubstr("see --help"));
}

TEST(FlagSet, RefusesAMissingValue) { EXPECT_THAT(complaint({"--model"}), HasSubstr("--model")); }

}  // namespace
}  // namespace stac::cli
