// stac-bench --sweep: of a checkpoint, converted at every point, and of an artifact, retargeted.
#include <gmock/gmock.h>

#include "cli/bench_run.hpp"

namespace stac::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using BenchSweep = BenchTool;

TEST_F(BenchSweep, SweepsEveryCombinationKeepsThePointsAndMarksTheFront) {
  const std::vector<std::string> sweep{"--sweep", "timesteps=2..3,8 code=phase,rate base=2,3", "--sweep-folder",
                                       "points"};
  const nlohmann::json points = report(sweep).at("sweep").at("points");
  ASSERT_EQ(points.size(), 9U);  // rate has no base
  EXPECT_EQ(points[0].at("name"), "timesteps=2 code=phase base=2");
  EXPECT_EQ(points[2].at("name"), "timesteps=2 code=rate");
  const auto finest = points[6];
  EXPECT_EQ(finest.at("name"), "timesteps=8 code=phase base=2");
  EXPECT_TRUE(points[0].at("on_time_front").get<bool>() || points[1].at("on_time_front").get<bool>());
  for (const auto& point : points) {
    for (const auto& other : points) {
      const bool is_beaten =
          other.at("kl") < point.at("kl") && other.at("additions_per_mac") < point.at("additions_per_mac");
      EXPECT_FALSE(is_beaten && point.at("on_spike_front").get<bool>()) << point.at("name") << other.at("name");
    }
  }
  const nlohmann::json kept = nlohmann::json::parse(file("points/sweep.json"));
  EXPECT_EQ(kept.at("points"), points);
  EXPECT_THAT(kept.at("model").get<std::string>(), HasSubstr("tiny"));
  EXPECT_EQ(kept.at("text"), "text.txt");
  EXPECT_THAT(file("points/sweep.csv"), HasSubstr("sweep,timesteps=2 code=rate,additions_per_mac,"));

  const ToolResult again = bench(sweep);
  EXPECT_THAT(again.err, HasSubstr("timesteps=8 code=phase base=2: kept from before"));
  EXPECT_EQ(nlohmann::json::parse(file("points/sweep.json")).at("points"), points);  // seconds too: none was done again
  const ToolResult other = bench({"--sweep", "timesteps=8", "--sweep-folder", "points", "--seed", "3"});
  EXPECT_THAT(other.err, Not(HasSubstr("kept from before")));
}

TEST_F(BenchSweep, RefusesAMalformedSweepBeforeTheWork) {
  const std::pair<const char*, const char*> refused[] = {{"timesteps", "not KEY=VALUES"},
                                                         {"speed=3", "no key 'speed'"},
                                                         {"timesteps=8..3", "holds nothing"},
                                                         {"timesteps=3,,4", "empty value"},
                                                         {"base=2 base=3", "given twice"},
                                                         {"base=4", "choose from 2, 3"},
                                                         {"headroom=much", "'much' is no value of headroom"},
                                                         {"timesteps=99", "--timesteps"},
                                                         {"tau=3,4", "tau: no point's code has one"},
                                                         {"kv-dtype=int4", "'int4' is no format"},
                                                         {"dtype=int8", "'int8' is no format of membranes"},
                                                         {" ", "nothing to vary"}};
  for (const auto& [specification, message] : refused) {
    const ToolResult result = bench({"--sweep", specification});
    EXPECT_EQ(result.status, 2) << specification;
    EXPECT_THAT(result.err, HasSubstr(message)) << specification;
    EXPECT_EQ(result.out, "") << specification;
  }
}

TEST_F(BenchSweep, StorageVariesBesideTheCodeAndEachPointIsWhatItsFlagsGive) {
  const nlohmann::json points =
      report({"--sweep", "timesteps=4 kv-dtype=f32,int8", "--sweep-folder", "points"}).at("sweep").at("points");
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[1].at("name"), "timesteps=4 kv-dtype=int8");
  EXPECT_EQ(points[1].at("storage"), nlohmann::json({{"membranes", "f32"}, {"cache", "int8"}}));
  const nlohmann::json alone = report({"--timesteps", "4", "--kv-dtype", "int8"});
  EXPECT_EQ(points[1].at("perplexity"), alone.at("spiking").at("perplexity"));
  EXPECT_NE(points[1].at("perplexity"), points[0].at("perplexity"));
  for (const nlohmann::json& point : points) EXPECT_TRUE(point.at("on_time_front").get<bool>()) << "of its storage";
  const ToolResult again = bench({"--sweep", "timesteps=4", "--sweep-folder", "points", "--json=again.json"});
  EXPECT_THAT(again.err, HasSubstr("timesteps=4: kept from before")) << "the same point as with kv-dtype=f32";
  EXPECT_EQ(nlohmann::json::parse(file("again.json")).at("sweep").at("points")[0].at("name"), "timesteps=4");
  EXPECT_NE(points[1].at("energy_ratios"), points[0].at("energy_ratios")) << "rounding and bytes are priced";
}

class BenchSweepOfAnArtifact : public BenchTool {
 protected:
  void convert(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"--model", "tiny", "--output", "artifact", "--activation", "keep"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ToolResult converted = runner_.run("stac-convert", arguments);
    ASSERT_EQ(converted.status, 0) << converted.err;
  }
  [[nodiscard]] ToolResult sweep(const std::string& specification, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{
        "--model", "artifact",  "--sweep", specification,    "--perplexity", "text.txt",           "--context",
        "16",      "--windows", "2",       "--sweep-folder", "points",       "--json=sweep.report"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runner_.run("stac-bench", arguments);
  }
  [[nodiscard]] nlohmann::json points() const {
    return nlohmann::json::parse(file("sweep.report")).at("sweep").at("points");
  }
};

TEST_F(BenchSweepOfAnArtifact, MeasuresAtEachPointTheArtifactRetargeted) {
  convert({"--timesteps", "8"});
  const ToolResult swept = sweep("timesteps=4,8 base=2,3");
  ASSERT_EQ(swept.status, 0) << swept.err;
  const nlohmann::json points = this->points();
  ASSERT_EQ(points.size(), 4U);
  const ToolResult retargeted = runner_.run(
      "stac-convert", {"--retarget", "artifact", "--timesteps", "4", "--base", "3", "--output", "retargeted"});
  ASSERT_EQ(retargeted.status, 0) << retargeted.err;
  const ToolResult alone = runner_.run("stac-bench", {"--model", "retargeted", "--perplexity", "text.txt", "--context",
                                                      "16", "--windows", "2", "--json"});
  ASSERT_EQ(alone.status, 0) << alone.err;
  const nlohmann::json expected = nlohmann::json::parse(alone.out);
  EXPECT_EQ(points[1].at("name"), "timesteps=4 base=3");
  EXPECT_EQ(points[1].at("perplexity"), expected.at("spiking").at("perplexity"));
  EXPECT_EQ(points[1].at("kl"), expected.at("spiking").at("kl"));
  EXPECT_EQ(points[1].at("spikes"), expected.at("spikes").at("spikes"));

  const ToolResult again = sweep("timesteps=4,8 base=2,3");
  EXPECT_THAT(again.err, HasSubstr("timesteps=8 base=3: kept from before"));
  EXPECT_EQ(this->points(), points);
}

// With its logits' scale and whatever else a retargeted network loses.
TEST_F(BenchSweepOfAnArtifact, WhereStorageAloneVariesTheArtifactStaysAsItIs) {
  convert({"--timesteps", "3"});
  const ToolResult swept = sweep("kv-dtype=f32,int8");
  ASSERT_EQ(swept.status, 0) << swept.err;
  const nlohmann::json points = this->points();
  ASSERT_EQ(points.size(), 2U);
  for (const nlohmann::json& point : points) {
    const std::string cache = point.at("settings").at("kv-dtype");
    const ToolResult alone = runner_.run("stac-bench", {"--model", "artifact", "--perplexity", "text.txt", "--context",
                                                        "16", "--windows", "2", "--kv-dtype", cache, "--json"});
    ASSERT_EQ(alone.status, 0) << alone.err;
    EXPECT_EQ(point.at("perplexity"), nlohmann::json::parse(alone.out).at("spiking").at("perplexity")) << cache;
  }
  EXPECT_NE(points[0].at("perplexity"), points[1].at("perplexity"));
  const ToolResult own_code = sweep("timesteps=3 kv-dtype=f32");  // retargeted, though to the code that it has
  EXPECT_THAT(own_code.err, AllOf(HasSubstr("retargeted in memory"), Not(HasSubstr("kept from before"))));
  ASSERT_EQ(sweep("timesteps=4 kv-dtype=int8,f32").status, 0);
  const nlohmann::json both = this->points();
  EXPECT_NE(both[0].at("perplexity"), both[1].at("perplexity"));
}

TEST_F(BenchSweepOfAnArtifact, VariesWhatTheArtifactsOwnCodeHas) {
  convert({"--code", "lif", "--tau", "4", "--timesteps", "8"});
  const ToolResult swept = sweep("tau=2,6");
  ASSERT_EQ(swept.status, 0) << swept.err;
  EXPECT_EQ(points().size(), 2U);
  EXPECT_NE(points()[0].at("perplexity"), points()[1].at("perplexity"));
}

TEST_F(BenchSweepOfAnArtifact, RefusesByNameWhatTakesDataOrOtherWeights) {
  convert({"--timesteps", "6", "--threshold", "static", "--group", "8", "--calibration", "text.txt"});
  const std::pair<const char*, const char*> refused[] = {
      {"threshold=adaptive,static", "--threshold"}, {"quantize=none,int8", "--quantize"},
      {"activation=keep,relu", "--activation"},     {"max-ratio=1.01,1.1", "--max-ratio"},
      {"timesteps=auto", "--timesteps auto"},       {"group=8,4", "group: static full scales"},
      {"profile=none,weights", "profile "},         {"tau=3,4", "tau: no point's code has one"}};
  for (const auto& [specification, message] : refused) {
    const ToolResult result = sweep(specification, {"--energy"});
    EXPECT_EQ(result.status, 2) << specification << result.err;
    EXPECT_THAT(result.err, HasSubstr(message)) << specification;
    EXPECT_EQ(result.out, "") << specification;
    EXPECT_FALSE(exists("points/sweep.json"));
  }
}

}  // namespace
}  // namespace stac::testing
