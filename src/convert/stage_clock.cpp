#include "stac/convert/stage_clock.hpp"

#include <utility>

namespace stac::convert {

void StageClock::begin(const std::string& stage) {
  if (!times_.empty() && times_.back().stage == stage) return;
  end();
  times_.push_back({stage, 0.0});
}

std::vector<StageTime> StageClock::finish() {
  end();
  return std::exchange(times_, {});
}

void StageClock::end() {
  const Clock::time_point now = Clock::now();
  if (!times_.empty()) times_.back().seconds = std::chrono::duration<double>(now - start_).count();
  start_ = now;
}

}  // namespace stac::convert
