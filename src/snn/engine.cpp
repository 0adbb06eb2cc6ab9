#include "stac/snn/engine.hpp"

#include <string>

#include "snn/fused_engine.hpp"
#include "snn/temporal_engine.hpp"
#include "stac/error.hpp"

namespace stac::snn {

void require_valid(const AttentionShape& shape) {
  require_valid(shape.weights.code);
  if (shape.in_bytes && !fits_two_bytes(shape)) throw UsageError("cache: bytes are rounded from 15 bits at most");
  if (shape.weights != Population{shape.weights.code, shape.weights.group}) {
    throw UsageError(
        "weights: the softmax adapts to its largest weight, 1, and tokens have no thresholds of their own");
  }
  if (static_cast<std::int64_t>(shape.queries.size()) != shape.heads) {
    throw UsageError("queries: " + std::to_string(shape.queries.size()) + " populations for " +
                     std::to_string(shape.heads) + " heads");
  }
  for (const Population& queries : shape.queries) {
    require_valid(queries, shape.head_dim);
    if (queries.group != 0) throw UsageError("queries: a head is one group");
    if (!queries.profile.empty()) throw UsageError("queries: rotary positions mix channels, so they take no profile");
    if (!queries.rest.empty()) throw UsageError("queries: no bias follows them, so they take no rest");
    if (queries.code != shape.queries.front().code) throw UsageError("queries: heads speak different codes");
  }
}

std::unique_ptr<Engine> make_engine(EngineKind kind) {
  if (kind == EngineKind::temporal) return std::make_unique<TemporalEngine>();
  return std::make_unique<FusedEngine>();
}

}  // namespace stac::snn
