#include "stac/io/json_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "io/io_test_support.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

using stac::testing::TemporaryFolder;
using ::testing::AllOf;
using testing::error_of;
using ::testing::HasSubstr;
using testing::write_bytes;

std::string refusal(const std::string& text, const JsonLimits& limits = {}) {
  return error_of([&] { static_cast<void>(parse_json(text, "config.json", limits)); });
}

TEST(JsonFile, ReadsEveryKindOfValue) {
  const nlohmann::json value = parse_json(R"({"a":[1,-2,3.5,true,null,"x\u00e9"],"b":{}, "c":[]})", "t");
  EXPECT_EQ(value.dump(), R"({"a":[1,-2,3.5,true,null,"xé"],"b":{},"c":[]})");
  EXPECT_EQ(parse_json(" 7 ", "t"), 7);
}

TEST(JsonFile, ASyntaxErrorHasItsLineColumnAndByte) {
  EXPECT_THAT(refusal("{\n  \"a\": 1,\n  \"b\" 2\n}"),
              AllOf(HasSubstr("config.json: line 3, column 7 (byte 18)"), HasSubstr("not valid JSON")));
}

TEST(JsonFile, ADuplicateKeyIsRefusedWhereItStands) {
  EXPECT_THAT(refusal("{\"a\":1,\n\"a\":2}"), AllOf(HasSubstr("duplicate key 'a'"), HasSubstr("line 2, column 3")));
  EXPECT_THAT(refusal(R"({"x":{"b":1,"b":1}})"), HasSubstr("duplicate key 'b'"));
  EXPECT_EQ(refusal(R"({"x":{"b":1},"y":{"b":1}})"), "");
}

TEST(JsonFile, WhatIsNotJsonIsRefused) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1,}", "// c\n1", "1 2", "NaN", "[1e999]", "'a'", "{a:1}",
                           "\"\xff\"", "\"\\ud800\"", "tru", "01"}) {
    EXPECT_THAT(refusal(text), HasSubstr("not valid JSON")) << text;
  }
  EXPECT_THAT(refusal(std::string("{}\0", 3)), HasSubstr("NUL"));
}

TEST(JsonFile, AMillionNestedBracketsAreRefusedAtTheLimit) {
  EXPECT_THAT(refusal(std::string(1'000'000, '[')), HasSubstr("nested more than 64 deep"));
  EXPECT_EQ(refusal(std::string(64, '[') + std::string(64, ']')), "");
}

TEST(JsonFile, AMillionNestedBracketsFitWhereTheCallerSaysSo) {
  const std::size_t depth = 1'000'000;
  EXPECT_EQ(refusal(std::string(depth, '[') + std::string(depth, ']'), {.depth = depth}), "");
}

TEST(JsonFile, MoreValuesThanTheLimitAreRefused) {
  EXPECT_THAT(refusal("[1,2,3]", {.values = 3}), HasSubstr("more than 3 values"));
  EXPECT_EQ(refusal("[1,2]", {.values = 3}), "");
}

TEST(JsonFile, ATooLargeFileIsRefusedBeforeItIsRead) {
  const TemporaryFolder folder;
  write_bytes(folder.path() / "big.json", "{}");
  std::filesystem::resize_file(folder.path() / "big.json", 1ULL << 40U);
  EXPECT_THAT(error_of([&] { static_cast<void>(read_json_file(folder.path() / "big.json")); }),
              AllOf(HasSubstr("big.json"), HasSubstr("too large")));
}

TEST(JsonFile, AMissingFileIsNamed) {
  EXPECT_THAT(error_of([] { static_cast<void>(read_json_file("/none/config.json")); }),
              HasSubstr("/none/config.json: cannot be opened: No such file"));
}

}  // namespace
}  // namespace stac::io
