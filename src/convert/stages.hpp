// The stages of a conversion as they begin: timed, and told to whoever watches.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "stac/convert/converter.hpp"
#include "stac/convert/stage_clock.hpp"

namespace stac::convert {

class Stages {
 public:
  /// @param progress  borrowed; may be empty
  explicit Stages(const Progress& progress) : progress_(progress) {}

  void begin(const std::string& stage) {
    clock_.begin(stage);
    tell(stage, 0, 0);
  }
  /// What a stage is at.
  void tell(const std::string& detail, std::int64_t done, std::int64_t total) const {
    if (progress_) progress_(detail, done, total);
  }
  [[nodiscard]] std::vector<StageTime> finish() { return clock_.finish(); }

 private:
  const Progress& progress_;
  StageClock clock_;
};

}  // namespace stac::convert
