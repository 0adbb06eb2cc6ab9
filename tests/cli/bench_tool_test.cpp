// stac-bench as people and scripts run it.
#include <gmock/gmock.h>

#include <sstream>

#include "cli/bench_run.hpp"
#include "support/json_schema.hpp"

namespace stac::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

nlohmann::json schema() { return nlohmann::json::parse(read_file(source_root() / "docs/stac-bench.schema.json")); }

const std::vector<std::string> kEverything{
    "--energy", "--speed",       "--prompt-tokens", "6", "--gen-tokens", "3", "--matmul", "--html", "page.html",
    "--sweep",  "timesteps=3,8", "--repetitions",   "2"};

TEST_F(BenchTool, SaysInJsonWhatTheSchemaOfTheDocsSays) {
  const nlohmann::json report = this->report(kEverything);
  EXPECT_THAT(violations(schema(), report), IsEmpty());
  for (const char* section : {"spiking", "layers", "spikes", "operations", "energy", "raster", "sweep", "speed"}) {
    EXPECT_TRUE(report.contains(section)) << section;
  }
}

TEST_F(BenchTool, TheSchemaRefusesWhatItDoesNotKnow) {
  nlohmann::json report = this->report({"--energy"});
  report["energy"]["contenders"][0]["surprise"] = 1;
  report["spikes"]["macs"] = -1;
  report["text"].erase("bos");
  EXPECT_EQ(violations(schema(), report).size(), 3U);
}

TEST_F(BenchTool, EnergyKeepsWithinAHundredColumnsAndSaysWhoWins) {
  for (const char* model : {"horowitz-45nm", "jouppi-7nm", "loihi", "truenorth"}) {
    const ToolResult result = bench({"--energy", "--energy-model", model});
    ASSERT_EQ(result.status, 0) << result.err;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
    EXPECT_THAT(result.out, AllOf(HasSubstr("dense int8"), HasSubstr("Counting all compute, spikes"),
                                  HasSubstr("closed form"), Not(HasSubstr("\x1b"))));
  }
}

TEST_F(BenchTool, PartsOfEveryContenderAddUpAndDenseIsCountedFromTheShape) {
  const nlohmann::json energy = report({"--energy"}).at("energy");
  for (const auto& contender : energy.at("contenders")) {
    double parts = 0.0, lines = 0.0;
    for (const auto& [name, part] : contender.at("parts").items()) parts += part.get<double>();
    for (const auto& line : contender.at("lines")) lines += line.at("picojoules").get<double>();
    const double total = contender.at("with_memory").get<double>();
    EXPECT_NEAR(parts, total, 1e-9 * total);
    EXPECT_NEAR(lines, total, 1e-9 * total);
  }
  // Two layers of width 16, a vocabulary of 264, three texts of 15 tokens; a query sees the keys up to its own.
  const std::uint64_t macs = 45 * (2 * 12 * 16 * 16 + 16 * 264) + 3 * 2 * 2 * 16 * (15 * 16 / 2);
  EXPECT_EQ(energy.at("macs").get<std::uint64_t>(), macs);
  const double dense = energy.at("contenders")[1].at("products").get<double>();
  EXPECT_NEAR(dense, static_cast<double>(macs) * 4.6, 1e-9 * dense);
}

TEST_F(BenchTool, BothEnginesReportTheSameNumbers) {
  nlohmann::json fused = report({"--energy", "--html", "a.html"});
  nlohmann::json temporal = report({"--energy", "--html", "b.html", "--engine", "temporal"});
  EXPECT_EQ(fused, temporal);
  EXPECT_EQ(file("a.html"), file("b.html"));
}

TEST_F(BenchTool, ACacheOfBytesIsReadByBothEnginesAlikeAndCostsFewerBytes) {
  const auto cache = [](const nlohmann::json& report) {
    return report.at("energy").at("contenders")[0].at("parts").at("cache").get<double>();
  };
  const nlohmann::json wide = report({"--energy"}), bytes = report({"--energy", "--kv-dtype", "int8"});
  EXPECT_EQ(wide.at("storage").at("cache"), "f32");
  EXPECT_EQ(bytes.at("storage"), nlohmann::json({{"membranes", "f32"}, {"cache", "int8"}}));
  EXPECT_LT(cache(bytes), 0.5 * cache(wide));
  EXPECT_NE(bytes.at("spiking").at("perplexity"), wide.at("spiking").at("perplexity"));
  EXPECT_EQ(bytes, report({"--energy", "--kv-dtype", "int8", "--engine", "temporal"}));
  const auto perplexity = [](const nlohmann::json& report) { return report.at("spiking").at("perplexity"); };
  EXPECT_NE(perplexity(report({"--dtype", "f16"})), perplexity(report({"--dtype", "f16", "--kv-dtype", "f32"})));
}

TEST_F(BenchTool, WritesAPageThatFetchesNothingAndEscapesTheText) {
  ASSERT_EQ(bench({"--html", "page.html", "--raster", "1:scores:1", "--spike-tokens", "20"}).status, 0);
  const std::string page = file("page.html");
  EXPECT_THAT(page, AllOf(HasSubstr("<svg"), HasSubstr("prefers-color-scheme:dark"), HasSubstr("@media print"),
                          HasSubstr("Spikes, layer 1, scores, head 1"), HasSubstr("Membranes")));
  for (const char* fetched : {"src=", "href=", "@import", "url(", "<link", "fetch("}) {
    EXPECT_THAT(page, Not(HasSubstr(fetched)));
  }
  EXPECT_EQ(page.find("http"), page.find("http://www.w3.org/2000/svg"));
  EXPECT_THAT(python("import html.parser, xml.dom.minidom, re\n"
                     "page = open('page.html', encoding='utf-8').read()\n"
                     "html.parser.HTMLParser().feed(page)\n"
                     "drawings = re.findall(r'<svg.*?</svg>', page, re.S)\n"
                     "for drawing in drawings: xml.dom.minidom.parseString(drawing)\n"
                     "print(len(drawings))\n"),
              HasSubstr("0: 7"));
}

TEST_F(BenchTool, WritesEveryPlotAsADrawingOfItsOwn) {
  ASSERT_EQ(bench({"--plots", "plots"}).status, 0);
  for (const char* plot :
       {"energy-compute", "energy-memory", "spikes", "silent", "layer-errors", "raster", "membranes"}) {
    const std::string drawing = file("plots/" + std::string(plot) + ".svg");
    EXPECT_THAT(drawing, AllOf(HasSubstr("<?xml"), HasSubstr("<style>"), HasSubstr("</svg>"))) << plot;
  }
  EXPECT_THAT(python("import glob, xml.dom.minidom\n"
                     "for name in glob.glob('plots/*.svg'): xml.dom.minidom.parse(name)\n"),
              HasSubstr("0:"));
}

TEST_F(BenchTool, WritesTheNumbersOfTheReportForSpreadsheets) {
  const nlohmann::json report = this->report({"--energy", "--csv", "out.csv"});
  const std::string csv = file("out.csv");
  EXPECT_THAT(csv, HasSubstr("table,row,column,value\n"));
  EXPECT_THAT(csv,
              HasSubstr("spikes,0 qkv,additions," + report.at("spikes").at("sites")[0].at("additions").dump() + "\n"));
  EXPECT_THAT(csv, HasSubstr("\"energy, pJ\",\"int8, zeros skipped\",spikes_over_it.compute,"));
  EXPECT_THAT(python("import csv\n"
                     "rows = list(csv.reader(open('out.csv', newline='')))\n"
                     "assert all(len(row) == 4 for row in rows), rows\n"),
              HasSubstr("0:"));
}

TEST_F(BenchTool, TellsBeforeTheWorkWhatCouldNotBeWrittenOrDrawn) {
  std::filesystem::create_directory(runner_.folder() / "folder");
  for (const char* flag : {"--html", "--csv", "--spikes"}) {
    const ToolResult result = bench({flag, "nowhere/at/all"});
    EXPECT_EQ(result.status, 1) << flag;
    EXPECT_THAT(result.err, HasSubstr("nowhere/at")) << flag;
    EXPECT_EQ(result.out, "") << flag;
    EXPECT_EQ(bench({flag, "folder"}).status, 1) << flag;
  }
  EXPECT_EQ(bench({"--plots", "text.txt/plots"}).status, 1);
  EXPECT_EQ(bench({"--sweep-folder", "points"}).status, 2);
  const ToolResult unknown = bench({"--energy-model", "abacus"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("abacus"), HasSubstr("horowitz-45nm, jouppi-7nm, loihi, truenorth")));
}

TEST_F(BenchTool, TellsOfAMissingTextAndOfOneFileForTwoReportsBeforeTheWork) {
  const ToolResult missing = runner_.run("stac-bench", {"--model", "tiny", "--perplexity", "missing.txt"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("missing.txt"), Not(HasSubstr("info: model"))));
  const ToolResult twice = bench({"--html", "out", "--json=./out"});
  EXPECT_EQ(twice.status, 2);
  EXPECT_THAT(twice.err, AllOf(HasSubstr("out: is asked for two reports"), Not(HasSubstr("info: model"))));
  EXPECT_FALSE(exists("out"));
}

TEST_F(BenchTool, RefusesARasterOfWhatThereIsNot) {
  for (const auto& [raster, message] : {std::pair{"2:up", "from 0 to 1"},
                                        {"0:sideways", "qkv, scores"},
                                        {"up", "not LAYER:SITE"},
                                        {"0:scores:9", "from 0 to 1"},
                                        {"0:up:1", "only scores and mix have heads"}}) {
    const ToolResult result = bench({"--raster", raster});
    EXPECT_EQ(result.status, 2) << raster;
    EXPECT_THAT(result.err, HasSubstr(message)) << raster;
    EXPECT_FALSE(exists("page.html"));
  }
}

TEST_F(BenchTool, MeasuresSpeedWithoutATokenizer) {
  for (const char* name : {"tiny/vocab.json", "tiny/merges.txt"}) {
    ASSERT_TRUE(std::filesystem::remove(runner_.folder() / name));
  }
  const ToolResult result =
      runner_.run("stac-bench", {"--model", "tiny", "--activation", "keep", "--quantize", "none", "--speed",
                                 "--prompt-tokens", "8", "--gen-tokens", "4", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto speed = nlohmann::json::parse(result.out).at("speed");
  const double prefill = speed.at("spiking").at("prefill_tokens_per_second").get<double>();
  EXPECT_NEAR(speed.at("spiking").at("first_token_seconds").get<double>() * prefill, 8.0, 1e-6);
  EXPECT_LE(speed.at("spiking").at("decode_range")[0], speed.at("spiking").at("decode_tokens_per_second"));
  EXPECT_EQ(speed.at("dense").at("decode_bytes_per_token"), 4 * (2 * 12 * 16 * 16 + 16 * 264));
  EXPECT_GT(speed.at("memory_gigabytes_per_second").get<double>(), 0.5);
  EXPECT_GT(speed.at("peak_bytes").get<std::uint64_t>(), 512U << 20U);  // the probe's array was read
  EXPECT_GT(speed.at("load_seconds").get<double>(), 0.0);
}

TEST_F(BenchTool, SaysWhereTheTimeGoes) {
  const ToolResult result = runner_.run(
      "stac-bench", {"--model", "tiny", "--activation", "keep", "--speed", "--kernel-times", "--prompt-tokens", "8",
                     "--gen-tokens", "4", "--html", "page.html", "--json=report.json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("milliseconds of the calling thread"));
  const auto report = nlohmann::json::parse(read_file(runner_.folder() / "report.json"));
  EXPECT_THAT(violations(schema(), report), IsEmpty());
  for (const char* phase : {"prefill", "decode"}) {
    for (const auto& [kernel, seconds] : report.at("kernel_times").at(phase).items()) {
      EXPECT_GT(seconds.get<double>(), 0.0) << phase << ' ' << kernel;
    }
  }
  EXPECT_THAT(read_file(runner_.folder() / "page.html"), HasSubstr("decode, attention: "));
}

TEST_F(BenchTool, RefusesAProfileOfWhatIsNotMeasuredOrHasNone) {
  EXPECT_EQ(runner_.run("stac-bench", {"--model", "tiny", "--kernel-times"}).status, 2);
  EXPECT_EQ(runner_.run("stac-bench", {"--model", "tiny", "--speed", "--kernel-times", "--engine", "temporal"}).status,
            2);
}

TEST_F(BenchTool, SetsConversationsInOneForwardBesideOne) {
  const ToolResult result =
      runner_.run("stac-bench", {"--model", "tiny", "--activation", "keep", "--parallel", "3", "--prompt-tokens", "8",
                                 "--gen-tokens", "4", "--html", "page.html", "--csv", "out.csv", "--json=r.json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto report = nlohmann::json::parse(file("r.json"));
  EXPECT_THAT(violations(schema(), report), IsEmpty());
  const auto& speed = report.at("batch_speed");
  EXPECT_EQ(speed.at("conversations"), 3);
  const double one = speed.at("one").at("tokens_per_second"), three = speed.at("together").at("tokens_per_second");
  EXPECT_GT(one, 0.0);
  EXPECT_DOUBLE_EQ(speed.at("ratio").get<double>(), three / one);
  EXPECT_THAT(result.out, HasSubstr("3 in one forward"));
  EXPECT_THAT(file("page.html"), HasSubstr("3 conversations in one forward"));
  EXPECT_THAT(file("out.csv"), HasSubstr("batch_speed,,conversations,3"));
  EXPECT_EQ(runner_.run("stac-bench", {"--model", "tiny", "--parallel", "1"}).status, 2);
  EXPECT_EQ(runner_.run("stac-bench", {"--model", "tiny", "--parallel", "3", "--prompt-tokens", "99999"}).status, 2);
}

TEST_F(BenchTool, SetsLongWindowsBesideShortOnes) {
  const ToolResult result = runner_.run("stac-bench", {"--model", "tiny", "--activation", "keep", "--window-speed",
                                                       "--prompt-tokens", "8", "--gen-tokens", "4", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_THAT(violations(schema(), report), IsEmpty());
  const auto& windows = report.at("window_speed");
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].at("code"), "phase");
  EXPECT_EQ(windows[0].at("timesteps"), 12);
  EXPECT_EQ(windows[1].at("code"), "rate");
  EXPECT_EQ(windows[1].at("timesteps"), 32);
  for (const auto& window : windows) EXPECT_GT(window.at("decode_time").get<double>(), 0.0);
}

TEST(BenchToolOnStacTiny, LeavesNothingHalfWrittenWhenInterrupted) {
  const ToolRunner runner;
  const std::string command =
      "cd '" + runner.folder().string() + "' && timeout -s INT 3 '" + (tool_dir() / "stac-bench").string() +
      "' --model stac-tiny --energy --sweep timesteps=2..40 --html page.html --plots plots --csv out.csv --json=r.json"
      " > out 2> err";
  EXPECT_NE(std::system(command.c_str()), 0);
  for (const char* name : {"page.html", "out.csv", "r.json", "stac-sweep/sweep.json"}) {
    EXPECT_FALSE(std::filesystem::exists(runner.folder() / name)) << name;
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(runner.folder())) {
    const std::string name = entry.path().filename().string();
    EXPECT_NE(name.front(), '.') << name;  // what is being written is hidden
    EXPECT_TRUE(!name.starts_with("point-") || nlohmann::json::accept(read_file(entry.path()))) << name;
  }
}

TEST(BenchToolOnStacTiny, EnergyAloneIsAGlance) {
  const ToolResult result = ToolRunner().run("stac-bench", {"--model", "stac-tiny", "--energy", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto energy = nlohmann::json::parse(result.out).at("energy");
  EXPECT_LT(energy.at("ratio").get<double>(), 0.12);
  EXPECT_EQ(energy.at("adder"), "int32");
  EXPECT_EQ(energy.at("contenders").size(), 5U);
}

}  // namespace
}  // namespace stac::testing
