// The engine that computes with the integer code of a window: one product per projection, whatever T.
#pragma once
#include <memory>

#include "snn/code_table.hpp"
#include "stac/snn/engine.hpp"

namespace stac::snn {

class FusedEngine : public Engine {
 public:
  explicit FusedEngine(const PhaseCode& code) : table_(std::make_shared<const CodeTable>(code)) {}
  [[nodiscard]] std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const override;
  [[nodiscard]] std::unique_ptr<AttentionMemory> memory(const AttentionShape& shape) const override;
  [[nodiscard]] const PhaseCode& code() const override { return table_->code(); }

 private:
  std::shared_ptr<const CodeTable> table_;  // shared with what this engine makes, which may outlive it
};

}  // namespace stac::snn
