#include "stac/snn/engine.hpp"

#include "snn/fused_engine.hpp"
#include "snn/temporal_engine.hpp"

namespace stac::snn {

std::unique_ptr<Engine> make_engine(EngineKind kind, const PhaseCode& code) {
  require_valid(code);
  if (kind == EngineKind::temporal) return std::make_unique<TemporalEngine>(code);
  return std::make_unique<FusedEngine>(code);
}

}  // namespace stac::snn
