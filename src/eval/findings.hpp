// Comparisons that should all hold, and those that did not.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "stac/eval/check_result.hpp"

namespace stac::eval {

class Findings {
 public:
  void expect(bool holds, const std::string& otherwise) {
    ++compared_;
    if (!holds) wrong_.push_back(otherwise);
  }

  /// Passed if everything held. @param looked_at  what was compared, as the sentence's beginning
  [[nodiscard]] CheckResult result(const std::string& looked_at, const std::string& bar) const {
    return {{},
            wrong_.empty() ? Verdict::passed : Verdict::failed,
            looked_at + ": " + std::to_string(wrong_.size()) + " of " + std::to_string(compared_) + " comparisons fail",
            bar,
            0.0,
            wrong_};
  }

 private:
  std::int64_t compared_ = 0;
  std::vector<std::string> wrong_;
};

}  // namespace stac::eval
