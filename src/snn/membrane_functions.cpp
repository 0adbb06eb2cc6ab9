#include "snn/membrane_functions.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "snn/elementwise_kernels.hpp"
#include "snn/row_kernels.hpp"
#include "stac/error.hpp"

namespace stac::snn {

namespace {

constexpr std::uint32_t kInfinityBits = 0x7f800000U;

[[noreturn]] void throw_not_finite(const float* row, std::int64_t n) {
  std::int64_t j = 0;
  while (j < n && std::isfinite(row[j])) ++j;
  throw Error(
      "the membrane of channel " + std::to_string(j) + " is not finite",
      "the model overflows f32 here: check its weights, and that the dense model gives finite logits on this input");
}

}  // namespace

float largest_magnitude(const float* row, std::int64_t n) {
  const std::uint32_t largest = largest_magnitude_bits(row, n);
  if (largest >= kInfinityBits) throw_not_finite(row, n);
  return std::bit_cast<float>(largest);
}

void normalise(model::NormKind kind, const float* row, std::int64_t n, double eps, float* normalised) {
  const auto count = static_cast<double>(n);
  const double mean = kind == model::NormKind::rms ? 0.0 : ordered_sum(row, n) / count;
  const double variance = ordered_squares(row, n, mean) / count;
  centre_and_scale(row, n, mean, 1.0 / std::sqrt(variance + eps), normalised);
}

double exponentials(float* row, std::int64_t n) {
  shifted_exp(row, n, largest_value(row, n));
  return ordered_sum(row, n);
}

void activate(model::Activation activation, float* row, std::int64_t n) {
  switch (activation) {
    case model::Activation::gelu_tanh:
    case model::Activation::gelu_fast:
      return gelu_tanh(row, n);
    case model::Activation::silu:
      return silu(row, n);
    case model::Activation::relu:
      for (std::int64_t j = 0; j < n; ++j) row[j] = std::max(row[j], 0.0F);
      return;
    case model::Activation::gelu_erf:
      for (std::int64_t j = 0; j < n; ++j) row[j] = 0.5F * row[j] * (1.0F + std::erf(row[j] * 0.70710678F));
      return;
  }
}

void mlp_membranes(const model::TransformerConfig& config, const float* projected, float* inner) {
  const std::int64_t width = config.intermediate_size;
  std::copy_n(projected, width, inner);
  activate(config.activation, inner, width);
  if (!config.gated_mlp) return;
  for (std::int64_t j = 0; j < width; ++j) inner[j] *= projected[width + j];
}

}  // namespace stac::snn
