// What stac-bench --kernel-times says. Keys: docs/stac-bench.schema.json, `kernel_times`.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "stac/eval/speed_profile.hpp"

namespace stac::cli {

/// {prompt_tokens, gen_tokens, prefill: {product: seconds, encode: ..., ...}, decode: the same}
[[nodiscard]] nlohmann::json profile_json(const eval::SpeedProfile& profile, const eval::SpeedPlan& plan);
/// A row for each kernel: milliseconds, and its share of the time.
[[nodiscard]] std::string profile_text(const eval::SpeedProfile& profile, const eval::SpeedPlan& plan);

}  // namespace stac::cli
