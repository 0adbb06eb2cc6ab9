// The .npz of --spikes. Its arrays: docs/energy.md, "Spikes as arrays".
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/spike_recording.hpp"

namespace stac::tools {

/// @param texts  of the tokens
[[nodiscard]] std::string spike_file(const convert::OpenedModel& model, std::span<const std::int64_t> tokens,
                                     const std::vector<std::string>& texts, const eval::SpikeRecording& recording);

}  // namespace stac::tools
