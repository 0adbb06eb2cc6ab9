#include "stac/convert/stage_clock.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace stac::convert {
namespace {

TEST(StageClock, TimesEveryStageUntilTheNextBegins) {
  StageClock clock;
  clock.begin("long");
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  clock.begin("long");  // goes on
  clock.begin("short");
  const std::vector<StageTime> times = clock.finish();
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[0].stage, "long");
  EXPECT_GE(times[0].seconds, 0.03);
  EXPECT_EQ(times[1].stage, "short");
  EXPECT_LT(times[1].seconds, 0.03);
  EXPECT_TRUE(clock.finish().empty());
}

}  // namespace
}  // namespace stac::convert
