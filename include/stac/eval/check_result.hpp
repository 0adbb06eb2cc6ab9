// What a check found.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace stac::eval {

enum class Verdict { passed, failed, skipped };

/// "passed", "failed", "skipped"
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

struct CheckResult {
  std::string name;
  Verdict verdict = Verdict::failed;
  std::string measured;  ///< what was found; for a skipped check why it was skipped
  std::string bar;       ///< what would pass
  double seconds = 0.0;
  std::vector<std::string> details;  ///< lines for whoever looks for the cause
};

}  // namespace stac::eval
