// How much lies in a memory, which decides how large it has to be.
#pragma once
#include <algorithm>
#include <cstdint>

#include "stac/energy/contender.hpp"

namespace stac::energy {

struct Resident {
  std::uint64_t weights = 0;  ///< numbers: those of every projection
  std::uint64_t cache = 0;    ///< numbers: keys and values of the longest text
  std::uint64_t row = 0;      ///< numbers: inputs and outputs of the widest row
};

[[nodiscard]] inline Resident resident_numbers(const model::TransformerConfig& config, const TextsRead& texts) {
  Resident resident;
  snn::for_each_site(config.layers, [&](std::int64_t, snn::Site site) {
    if (site == snn::Site::scores || site == snn::Site::mix) return;
    const auto inputs = static_cast<std::uint64_t>(inputs_of(config, site));
    const auto outputs = static_cast<std::uint64_t>(outputs_of(config, site));
    resident.weights += inputs * outputs;
    resident.row = std::max(resident.row, inputs + outputs);
  });
  resident.cache = 2 * static_cast<std::uint64_t>(config.layers * config.kv_heads * config.head_dim) * texts.longest();
  return resident;
}

/// Keys and values that are written, of all layers.
[[nodiscard]] inline std::uint64_t cached_numbers(const model::TransformerConfig& config, const TextsRead& texts) {
  return 2 * static_cast<std::uint64_t>(config.layers * config.kv_heads * config.head_dim) * texts.tokens();
}

}  // namespace stac::energy
