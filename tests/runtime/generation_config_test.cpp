#include "stac/runtime/generation_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "stac/error.hpp"
#include "support/test_paths.hpp"

namespace stac::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::int64_t> eos_ids_of(const std::string& text) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "generation_config.json") << text;
  return generation_config_eos_ids(folder.path());
}

TEST(GenerationConfig, EosIsANumberOrAList) {
  EXPECT_THAT(eos_ids_of(R"({"eos_token_id": 2})"), ElementsAre(2));
  EXPECT_THAT(eos_ids_of(R"({"eos_token_id": [2, 0]})"), ElementsAre(2, 0));
}

TEST(GenerationConfig, NoFileAndNoFieldMeanNoIds) {
  const testing::TemporaryFolder empty;
  EXPECT_THAT(generation_config_eos_ids(empty.path()), IsEmpty());
  EXPECT_THAT(eos_ids_of("{}"), IsEmpty());
  EXPECT_THAT(eos_ids_of(R"({"eos_token_id": null})"), IsEmpty());
}

TEST(GenerationConfig, WhatIsNoTokenIdIsRefused) {
  for (const char* const wrong : {"[1]", "not json", R"({"eos_token_id": "x"})", R"({"eos_token_id": -1})",
                                  R"({"eos_token_id": 1.5})", R"({"eos_token_id": [1, null]})"}) {
    EXPECT_THROW((void)eos_ids_of(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace stac::runtime
