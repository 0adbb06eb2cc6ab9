// The reference engine: every timestep simulated, one weight column added per spike. It shares no encoding, table or
// product with the fused engine.
#pragma once
#include "stac/snn/engine.hpp"
#include "stac/snn/temporal_probe.hpp"

namespace stac::snn {

class TemporalEngine : public Engine {
 public:
  TemporalEngine() = default;
  /// @param probe  told of everything; not owned. Rows then run one after the other
  explicit TemporalEngine(TemporalProbe& probe) : probe_(&probe) {}

  [[nodiscard]] std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const override;
  [[nodiscard]] std::unique_ptr<AttentionMemory> memory(const AttentionShape& shape) const override;

 private:
  TemporalProbe* probe_ = nullptr;
};

}  // namespace stac::snn
