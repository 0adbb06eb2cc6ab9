#include "snn/membrane_functions.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>

#include "snn/elementwise_kernels.hpp"
#include "stac/error.hpp"

namespace stac::snn {

namespace {

constexpr std::uint32_t kMagnitudeBits = 0x7fffffffU;
constexpr std::uint32_t kInfinityBits = 0x7f800000U;

[[noreturn]] void throw_not_finite(const float* row, std::int64_t n) {
  std::int64_t j = 0;
  while (j < n && std::isfinite(row[j])) ++j;
  throw Error(
      "the membrane of channel " + std::to_string(j) + " is not finite",
      "the model overflows f32 here: check its weights, and that the dense model gives finite logits on this input");
}

// Eight partial sums, added in index order: the order is part of the result.
template <typename Term>
double ordered_sum(std::int64_t n, Term term) {
  std::array<double, 8> partial{};
  std::int64_t j = 0;
  for (; j + 8 <= n; j += 8) {
    for (int lane = 0; lane < 8; ++lane) partial[lane] += term(j + lane);
  }
  for (int lane = 0; j < n; ++j, ++lane) partial[lane] += term(j);
  double sum = 0.0;
  for (const double part : partial) sum += part;
  return sum;
}

}  // namespace

float largest_magnitude(const float* row, std::int64_t n) {
  std::uint32_t largest = 0;  // magnitudes order like their bits, and a NaN is above infinity
  for (std::int64_t j = 0; j < n; ++j)
    largest = std::max(largest, std::bit_cast<std::uint32_t>(row[j]) & kMagnitudeBits);
  if (largest >= kInfinityBits) throw_not_finite(row, n);
  return std::bit_cast<float>(largest);
}

void normalise(model::NormKind kind, const float* row, std::int64_t n, double eps, float* normalised) {
  const auto average = [n](auto term) { return ordered_sum(n, term) / static_cast<double>(n); };
  const double mean =
      kind == model::NormKind::rms ? 0.0 : average([&](std::int64_t j) { return static_cast<double>(row[j]); });
  const double variance = average([&](std::int64_t j) {
    const double centred = static_cast<double>(row[j]) - mean;
    return centred * centred;
  });
  const double inverse_deviation = 1.0 / std::sqrt(variance + eps);
  for (std::int64_t j = 0; j < n; ++j) {
    normalised[j] = static_cast<float>((static_cast<double>(row[j]) - mean) * inverse_deviation);
  }
}

double exponentials(float* row, std::int64_t n) {
  float largest = row[0];
  for (std::int64_t j = 1; j < n; ++j) largest = std::max(largest, row[j]);
  shifted_exp(row, n, largest);
  return ordered_sum(n, [&](std::int64_t j) { return static_cast<double>(row[j]); });
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
