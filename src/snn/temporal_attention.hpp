// The temporal engine's attention: one cached key or value added per spike.
#pragma once
#include <memory>

#include "stac/snn/engine.hpp"
#include "stac/snn/temporal_probe.hpp"

namespace stac::snn {

/// @param probe  told of everything; not owned; may be null
[[nodiscard]] std::unique_ptr<AttentionMemory> temporal_memory(const AttentionShape& shape, TemporalProbe* probe);

}  // namespace stac::snn
