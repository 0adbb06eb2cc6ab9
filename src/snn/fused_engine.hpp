// The engine that computes with the integer code of a window: one product per projection, whatever T.
#pragma once
#include <map>
#include <memory>
#include <mutex>

#include "snn/code_table.hpp"
#include "snn/fused_projection.hpp"
#include "stac/snn/engine.hpp"

namespace stac::snn {

class FusedEngine : public Engine {
 public:
  [[nodiscard]] std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const override;
  [[nodiscard]] std::unique_ptr<AttentionMemory> memory(const AttentionShape& shape) const override;

 protected:
  [[nodiscard]] std::unique_ptr<FusedProjection> fused_projection(const SpikingLinear& layer) const;
  /// One table per code, shared with what this engine makes, which may outlive it.
  [[nodiscard]] std::shared_ptr<const CodeTable> table(const Code& code) const;

 private:
  mutable std::mutex tables_mutex_;
  mutable std::map<Code, std::shared_ptr<const CodeTable>> tables_;
};

}  // namespace stac::snn
