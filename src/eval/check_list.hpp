// The checks by themselves; checks.hpp says what each is about.
#pragma once
#include "stac/eval/checks.hpp"

namespace stac::eval {

[[nodiscard]] CheckResult check_engine_equality(CheckRun& run);
[[nodiscard]] CheckResult check_coverage(CheckRun& run);
[[nodiscard]] CheckResult check_spikes(CheckRun& run);
[[nodiscard]] CheckResult check_kv_cache(CheckRun& run);
[[nodiscard]] CheckResult check_determinism(CheckRun& run);
[[nodiscard]] CheckResult check_dead_network(CheckRun& run);
[[nodiscard]] CheckResult check_fidelity(CheckRun& run);
[[nodiscard]] CheckResult check_recall(CheckRun& run);

/// A verdict with what was measured against its bar.
[[nodiscard]] CheckResult judged(bool passed, std::string measured, std::string bar);
[[nodiscard]] CheckResult skipped(std::string why);

}  // namespace stac::eval
