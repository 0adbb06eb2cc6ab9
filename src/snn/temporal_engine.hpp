// The reference engine: every timestep simulated, one weight column added per spike. It shares no encoding, table or
// product with the fused engine.
#pragma once
#include "stac/snn/engine.hpp"

namespace stac::snn {

class TemporalEngine : public Engine {
 public:
  [[nodiscard]] std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const override;
  [[nodiscard]] std::unique_ptr<AttentionMemory> memory(const AttentionShape& shape) const override;
};

}  // namespace stac::snn
