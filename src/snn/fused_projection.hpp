// A projection of the fused engine: every row is encoded once, whatever T, and its codes meet the weights in one
// product. Two kinds of weights are two classes: eight bits, and mantissas of up to thirty.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "snn/code_table.hpp"
#include "snn/encoded_rows.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/kernel_clock.hpp"

namespace stac::snn {

class FusedProjection : public SpikingProjection {
 public:
  /// Of all but the weights.
  FusedProjection(std::shared_ptr<const CodeTable> table, const SpikingLinear& layer);

  SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const final;

  /// @param clock   not owned
  /// @param before  whose the time before a run is
  void time_with(KernelClock& clock, Kernel before);

 protected:
  /// @param row_units  [rows], of the codes' integer step
  /// @param currents   [rows, outputs()], written
  virtual void multiply(const EncodedRows& codes, const std::vector<float>& row_units, float* currents) const = 0;

  [[nodiscard]] std::int64_t inputs() const { return inputs_; }
  [[nodiscard]] std::int64_t outputs() const { return outputs_; }
  [[nodiscard]] const double* unit() const { return unit_.data(); }
  [[nodiscard]] const double* bias() const { return bias_.data(); }

 private:
  std::shared_ptr<const CodeTable> table_;
  Population population_;
  std::int64_t inputs_;
  std::int64_t outputs_;
  std::vector<double> unit_;  // [outputs], of the weight's integer step
  std::vector<double> bias_;
  KernelClock* clock_ = nullptr;  // null: nobody asks where the time goes
  Kernel before_ = Kernel::other;
};

/// Of weights of eight bits.
[[nodiscard]] std::unique_ptr<FusedProjection> byte_projection(std::shared_ptr<const CodeTable> table,
                                                               const SpikingLinear& layer);
/// Of mantissas of up to thirty bits.
[[nodiscard]] std::unique_ptr<FusedProjection> wide_projection(std::shared_ptr<const CodeTable> table,
                                                               const SpikingLinear& layer);

}  // namespace stac::snn
