#include "stac/model/build_info.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stac::model {
namespace {

TEST(BuildInfo, SaysWhatComputesHere) {
  const BuildInfo info = build_info();
  EXPECT_THAT(info.libtorch, ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(info.onednn, ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_FALSE(info.blas.empty());
  EXPECT_NE(info.instruction_set, "unknown");
  EXPECT_GE(info.threads, 1);
}

}  // namespace
}  // namespace stac::model
