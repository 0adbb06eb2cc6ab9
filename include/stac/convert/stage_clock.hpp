// How long each stage of a conversion took.
#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace stac::convert {

struct StageTime {
  std::string stage;
  double seconds = 0.0;
};

class StageClock {
 public:
  /// Ends the stage before. A stage that is begun twice in a row goes on.
  void begin(const std::string& stage);
  /// Ends the last stage. @return  all of them, in order
  [[nodiscard]] std::vector<StageTime> finish();

 private:
  using Clock = std::chrono::steady_clock;

  void end();

  std::vector<StageTime> times_;
  Clock::time_point start_;
};

}  // namespace stac::convert
