// The checks by themselves; checks.hpp says what each is about.
#pragma once
#include "stac/eval/checks.hpp"

namespace stac::eval {

[[nodiscard]] CheckResult check_engine_equality(const convert::OpenedModel& model, const CheckPlan& plan);
[[nodiscard]] CheckResult check_coverage(const convert::OpenedModel& model, const CheckPlan& plan);
[[nodiscard]] CheckResult check_spikes(const convert::OpenedModel& model, const CheckPlan& plan);
[[nodiscard]] CheckResult check_kv_cache(const convert::OpenedModel& model, const CheckPlan& plan);
[[nodiscard]] CheckResult check_determinism(const convert::OpenedModel& model, const CheckPlan& plan);
[[nodiscard]] CheckResult check_dead_network(const convert::OpenedModel& model, const CheckPlan& plan);
[[nodiscard]] CheckResult check_fidelity(const convert::OpenedModel& model, const CheckPlan& plan);
[[nodiscard]] CheckResult check_recall(const convert::OpenedModel& model, const CheckPlan& plan);

/// A verdict with what was measured against its bar.
[[nodiscard]] CheckResult judged(bool passed, std::string measured, std::string bar);
[[nodiscard]] CheckResult skipped(std::string why);

}  // namespace stac::eval
