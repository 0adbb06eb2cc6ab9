#include "stac/eval/condition.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace stac::eval {
namespace {

using convert::Condition;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Whatever its KL and agreement say.
Fidelity fidelity(double ratio, std::int64_t distinct) {
  Fidelity result;
  result.dense = {10.0, 1000, 200};
  result.spiking = {10.0 * ratio, 1000, distinct};
  result.ratio = ratio;
  result.top1_agreement = 0.99;
  return result;
}

TEST(Condition, IsChosenByPerplexityAndByTheVarietyOfPredictions) {
  EXPECT_EQ(diagnose(fidelity(1.0, 200)).condition, Condition::alive);
  EXPECT_EQ(diagnose(fidelity(0.9, 260)).condition, Condition::alive);
  EXPECT_EQ(diagnose(fidelity(1.06, 200)).condition, Condition::damaged);
  EXPECT_EQ(diagnose(fidelity(1.0, 159)).condition, Condition::damaged);
  EXPECT_EQ(diagnose(fidelity(1.0, 99)).condition, Condition::dead);
  EXPECT_EQ(diagnose(fidelity(3.0, 200)).condition, Condition::dead);
  EXPECT_EQ(diagnose(fidelity(std::nan(""), 200)).condition, Condition::dead);
}

TEST(Condition, IsSaidInASentenceWithTheFiguresThatChoseIt) {
  const std::string dead = diagnose(fidelity(40.9, 6)).sentence;
  EXPECT_THAT(dead, StartsWith("dead: "));
  for (const char* const figure : {"x40.9", "6 distinct", "1000 positions", "predicts 200"}) {
    EXPECT_THAT(dead, HasSubstr(figure));
  }
  EXPECT_THAT(diagnose(fidelity(1.002, 201)).sentence, StartsWith("alive: perplexity x1.002"));
}

}  // namespace
}  // namespace stac::eval
