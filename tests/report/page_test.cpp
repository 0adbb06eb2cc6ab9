#include "stac/report/page.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "stac/report/plots.hpp"

namespace stac::report {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

json quality(const json& ratio) {
  return {
      {"model", {{"name", "<m>"}, {"folder", "/f"}}},
      {"storage", {{"membranes", "f32"}, {"cache", "f32"}}},
      {"timesteps", 8},
      {"code", "phase"},
      {"base", 2},
      {"dense", ratio.is_null() ? json(nullptr) : json({{"perplexity", 10.0}, {"distinct_predictions", 3}})},
      {"spiking",
       {{"perplexity", 10.05},
        {"distinct_predictions", 3},
        {"ratio", ratio},
        {"ratio_interval", nullptr},
        {"kl", ratio.is_null() ? json(nullptr) : json(0.01)},
        {"kl_interval", nullptr},
        {"top1_agreement", ratio.is_null() ? json(nullptr) : json(0.98)},
        {"top1_interval", nullptr},
        {"top5_agreement", ratio.is_null() ? json(nullptr) : json(1.0)},
        {"top5_interval", nullptr}}},
      {"text", {{"file", "/secret/path/t.txt"}, {"windows", 1}, {"context", 9}, {"bos", false}, {"scored_tokens", 8}}}};
}

json point(const std::string& name, double kl, double additions, bool front) {
  return {{"name", name},
          {"kl", kl},
          {"additions_per_mac", additions},
          {"timesteps", 4},
          {"on_spike_front", front},
          {"on_time_front", front}};
}

TEST(Page, OfNothingIsAPageWithoutPlots) {
  EXPECT_THAT(page(json::object()), AllOf(HasSubstr("<!DOCTYPE html>"), HasSubstr("</html>"), Not(HasSubstr("<svg"))));
  EXPECT_THAT(all_plots(json::object()), IsEmpty());
}

TEST(Page, NamesTheTextWithoutItsFolderAndEscapesTheModel) {
  const std::string text = page(quality(1.005));
  EXPECT_THAT(text, AllOf(HasSubstr("Text: t.txt, 1 windows"), HasSubstr("<h1>&lt;m&gt;</h1>")));
  EXPECT_THAT(text, Not(HasSubstr("/secret")));
}

TEST(Page, SharesOutTheTimeByKernelInATableToo) {
  json report = quality(1.0);
  report["speed"] = {{"spiking", {{"decode_tokens_per_second", 250.0}, {"decode_range", {200.0, 300.0}}}},
                     {"dense", nullptr}};
  json kernels = {{"product", 0.003},  {"encode", 0.001}, {"attention", 0.0},
                  {"activation", 0.0}, {"norm", 0.0},     {"other", 0.0}};
  report["kernel_times"] = {{"prompt_tokens", 100}, {"gen_tokens", 2}, {"prefill", kernels}, {"decode", kernels}};
  EXPECT_THAT(page(report),
              AllOf(HasSubstr("<th scope=\"row\">encode</th><td>10</td><td>25</td><td>500</td><td>25</td>"),
                    HasSubstr("<th scope=\"row\">all</th><td>40</td><td>100</td><td>2000</td><td>100</td>"),
                    HasSubstr("<th scope=\"row\">decode, tokens a second</th><td>250</td><td>\xE2\x80\x93</td>"),
                    HasSubstr("<td>200 to 300</td>")));
}

TEST(Summary, SaysHowFarThePerplexityIsFromTheSources) {
  EXPECT_THAT(summary(quality(1.005)),
              AllOf(HasSubstr("+0.50% from its dense source's (10)"), HasSubstr("98% of the 8")));
  EXPECT_THAT(summary(quality(0.999)), HasSubstr("-0.10%"));
  json report = quality(0.999);
  EXPECT_THAT(summary(report), Not(HasSubstr("wait as")));
  report["storage"]["cache"] = "int8";
  EXPECT_THAT(summary(report), HasSubstr("Membranes wait as f32, cached keys and values as int8."));
}

TEST(Summary, SaysWhereThereWasNoSource) {
  EXPECT_THAT(summary(quality(nullptr)), HasSubstr("the dense source was not there to compare with"));
}

TEST(Csv, QuotesWhatNeedsIt) {
  json report = quality(1.0);
  report["model"]["name"] = "a, \"b\"";
  EXPECT_THAT(csv(report), AllOf(HasSubstr("model,,name,\"a, \"\"b\"\"\"\n"), HasSubstr("spiking,,kl,0.01\n"),
                                 HasSubstr("spiking,,kl_interval,\n")));
}

TEST(SweepPlots, NameTheFrontAndLeaveOutWhatWasNotCompared) {
  json missing = point("timesteps=9", 0.0, 3.0, false);
  missing["kl"] = nullptr;
  const json sweep = {{"points",
                       {point("timesteps=4 base=3", 0.1, 1.0, true), point("timesteps=5", 0.01, 2.0, true),
                        point("timesteps=6", 0.2, 2.5, false), missing}}};
  const std::vector<Plot> plots = sweep_plots(sweep);
  ASSERT_EQ(plots.size(), 2U);
  const std::string drawing = plots[0].drawing.inline_text();
  EXPECT_THAT(drawing, AllOf(HasSubstr(">T=4 b=3</text>"), HasSubstr(">T=5</text>"), Not(HasSubstr(">T=6</text>")),
                             Not(HasSubstr("timesteps=9"))));
  EXPECT_THAT(sweep_plots({{"points", {missing}}}), IsEmpty());
}

TEST(SpikePlots, DrawASpikeForEveryEventAndADotForEverySpikeOfATrace) {
  const json raster = {{"layer", 0},
                       {"site", "up"},
                       {"head", 0},
                       {"timesteps", 2},
                       {"tokens", {" <a>", "\n"}},
                       {"neurons", {0, 5}},
                       {"of", 10},
                       {"events", {{0, 0, 0, 1}, {1, 1, 1, -1}, {1, 0, 1, -1}}},
                       {"traces",
                        {{"token", 1},
                         {"label", "\n"},
                         {"neurons", {{{"neuron", 5}, {"steps", {{3.0, 1.0, 2.0, 1}, {-1.0, -1.0, 2.0, 0}}}}}}}}};
  const std::vector<Plot> plots = spike_plots(raster);
  ASSERT_EQ(plots.size(), 2U);
  const std::string drawing = plots[0].drawing.inline_text(), traces = plots[1].drawing.inline_text();
  const auto occurrences = [](const std::string& text, const std::string& part) {
    int count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(occurrences(drawing.substr(drawing.find("<path")), "M"), 3);
  EXPECT_THAT(drawing, HasSubstr("\xE2\x90\xA3&lt;a&gt;"));
  EXPECT_EQ(occurrences(traces, "<circle"), 1);
  EXPECT_THAT(plots[0].caption, HasSubstr("2 of 10 neurons"));
}

}  // namespace
}  // namespace stac::report
