// Rounding to int8 that makes up for itself: what rounding one weight of an output does to it is taken back by the
// weights that are rounded after it (GPTQ: Frantar et al., arXiv:2210.17323).
//
// With H = E[x x^T] over what the projection's inputs say, an output's error is (w - q)^T H (w - q). For H = R^T R, R
// upper triangular, that is sum_j R_jj^2 (t_j - q_j)^2 with t_j = w_j + sum_{k>j} R_jk (w_k - q_k) / R_jj, so from the
// last input to the first every q_j becomes the integer nearest t_j (Babai's nearest plane, which GPTQ is in this
// order: Chen et al., arXiv:2507.18553). The loudest inputs go first.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "stac/convert/sample_use.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/quantized_linear.hpp"
#include "stac/snn/spoken_values.hpp"

namespace stac::convert {

/// int8 weights under the same scales as quantize()'s, rounded one after another.
/// @param folded   of inputs without rest
/// @param moments  f64 [inputs, inputs], sum of x x^T in units of the inputs' thresholds; its lower triangle is read.
///                 Damped by a hundredth of its mean diagonal.
/// @return  none where the inputs are silent, or the damped moments are singular
[[nodiscard]] std::optional<snn::QuantizedLinear> quantize_compensated(const snn::SpikingLinear& folded,
                                                                       const at::Tensor& moments);

/// What the inputs of one projection say, in units of their thresholds: second moments of the rows to fit, and some of
/// the rows to judge with, use by use.
class SpokenMoments {
 public:
  SpokenMoments(const snn::Population& inputs, std::int64_t channels);

  /// @param membranes  f32 [rows, channels]
  void add(const float* membranes, std::int64_t rows, SampleUse use);

  [[nodiscard]] const at::Tensor& moments() const { return moments_; }

  /// Squared error of the outputs over their square, for each use that judges.
  [[nodiscard]] std::vector<double> errors(const snn::SpikingLinear& folded, const snn::QuantizedLinear& rounded) const;

 private:
  std::vector<float> profile_;
  std::shared_ptr<const snn::SpokenValues> says_;  ///< shared by copies
  std::int64_t channels_;
  at::Tensor moments_;
  std::map<SampleUse, std::vector<float>> judges_;  ///< rows, one after the other
};

/// The better rounding of a projection on rows that it was not fitted to.
struct Rounding {
  snn::QuantizedLinear linear;
  bool compensated = false;  ///< else nearest: the other one did no good
};

[[nodiscard]] Rounding better_rounding(const snn::SpikingLinear& folded, const SpokenMoments& inputs);

}  // namespace stac::convert
