// The checks by themselves; docs/testing.md says what each is about.
#pragma once
#include "stac/eval/checks.hpp"

namespace stac::eval {

[[nodiscard]] CheckResult check_position_boundaries(CheckRun& run);
[[nodiscard]] CheckResult check_attention_mask(CheckRun& run);
[[nodiscard]] CheckResult check_kv_cache(CheckRun& run);
[[nodiscard]] CheckResult check_engine_equality(CheckRun& run);
[[nodiscard]] CheckResult check_determinism(CheckRun& run);
[[nodiscard]] CheckResult check_spikes(CheckRun& run);
[[nodiscard]] CheckResult check_energy(CheckRun& run);
[[nodiscard]] CheckResult check_energy_range(CheckRun& run);
[[nodiscard]] CheckResult check_dead_network(CheckRun& run);
[[nodiscard]] CheckResult check_dense_parity(CheckRun& run);
[[nodiscard]] CheckResult check_multi_turn(CheckRun& run);
[[nodiscard]] CheckResult check_coherence(CheckRun& run);
[[nodiscard]] CheckResult check_mixed_precision(CheckRun& run);
[[nodiscard]] CheckResult check_torchscript(CheckRun& run);

/// A verdict with what was measured against its bar.
[[nodiscard]] CheckResult judged(bool passed, std::string measured, std::string bar);
[[nodiscard]] CheckResult skipped(std::string why);

}  // namespace stac::eval
