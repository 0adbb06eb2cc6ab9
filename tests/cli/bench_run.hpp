// stac-bench on a tiny checkpoint and a text of its own.
#pragma once
#include <gtest/gtest.h>

#include "cli/tool_run.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::testing {

class BenchTool : public ::testing::Test {
 protected:
  void SetUp() override {
    TinyCheckpoint shape;
    shape.vocab = 264;  // the tokenizer's bytes and special tokens fit in
    write_tiny_checkpoint(runner_.folder() / "tiny", shape);
    write_tiny_tokenizer(runner_.folder() / "tiny");
    std::ofstream(runner_.folder() / "text.txt")
        << std::string(200, 'a') << " and <b> & \"c\" " << std::string(90, 'b');
  }
  [[nodiscard]] ToolResult bench(std::vector<std::string> more) const {
    std::vector<std::string> arguments{
        "--model",      "tiny",     "--activation", "keep", "--quantize", "none", "--simplified",
        "--perplexity", "text.txt", "--context",    "16",   "--windows",  "3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runner_.run("stac-bench", arguments);
  }
  [[nodiscard]] nlohmann::json report(std::vector<std::string> more) const {
    more.emplace_back("--json");
    const ToolResult result = bench(more);
    EXPECT_EQ(result.status, 0) << result.err;
    return nlohmann::json::parse(result.out);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return read_file(runner_.folder() / name); }
  [[nodiscard]] bool exists(const std::string& name) const { return std::filesystem::exists(runner_.folder() / name); }
  [[nodiscard]] std::string python(const std::string& program) const {
    std::ofstream(runner_.folder() / "program.py") << program;
    const std::string command = "cd '" + runner_.folder().string() + "' && python3 program.py > .python 2>&1";
    const bool done = std::system(command.c_str()) == 0;
    return (done ? "0: " : "failed: ") + file(".python");
  }
  ToolRunner runner_;
};

}  // namespace stac::testing
