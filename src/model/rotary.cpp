#include "stac/model/rotary.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace stac::model {
namespace {

constexpr double kTurn = 2.0 * std::numbers::pi;

/// theta^(2i/d), whose inverse is the frequency of pair i without scaling.
std::vector<float> periods(float theta, std::int64_t head_dim) {
  std::vector<float> powers(head_dim / 2);
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_dim);
    powers[i] = static_cast<float>(std::pow(static_cast<double>(theta), static_cast<double>(exponent)));
  }
  return powers;
}

/// bloc97's "NTK-aware" base as transformers' _compute_dynamic_ntk_parameters has it.
float stretched_theta(const RotaryPositions& rotary, std::int64_t head_dim, std::int64_t length) {
  const auto longest = static_cast<double>(std::max(length, rotary.original_positions));
  const double stretch =
      rotary.factor * longest / static_cast<double>(rotary.original_positions) - (rotary.factor - 1.0);
  const auto dim = static_cast<double>(head_dim);
  return static_cast<float>(rotary.theta * std::pow(stretch, dim / (dim - 2.0)));
}

/// The pair, as a real number, that makes this many turns over the original context.
double pair_of_turns(const RotaryPositions& rotary, std::int64_t head_dim, double turns) {
  return static_cast<double>(head_dim) * std::log(static_cast<double>(rotary.original_positions) / (turns * kTurn)) /
         (2.0 * std::log(rotary.theta));
}

std::vector<float> interpolated_by_turns(const RotaryPositions& rotary, std::int64_t head_dim,
                                         const std::vector<float>& period) {
  double first = pair_of_turns(rotary, head_dim, rotary.beta_fast);
  double last = pair_of_turns(rotary, head_dim, rotary.beta_slow);
  if (rotary.truncate) {
    first = std::floor(first);
    last = std::ceil(last);
  }
  first = std::max(first, 0.0);
  last = std::min(last, static_cast<double>(head_dim - 1));
  if (first == last) last += 0.001;  // a step instead of a ramp
  const auto factor = static_cast<float>(rotary.factor);
  std::vector<float> frequencies(period.size());
  for (std::size_t i = 0; i < period.size(); ++i) {
    const auto ramp = static_cast<float>(std::clamp((static_cast<double>(i) - first) / (last - first), 0.0, 1.0));
    frequencies[i] = 1.0F / (factor * period[i]) * ramp + 1.0F / period[i] * (1.0F - ramp);
  }
  return frequencies;
}

float interpolated_by_wavelength(const RotaryPositions& rotary, float frequency) {
  const auto context = static_cast<float>(rotary.original_positions);
  const auto factor = static_cast<float>(rotary.factor);
  const auto low = static_cast<float>(rotary.low_frequency_factor);
  const auto high = static_cast<float>(rotary.high_frequency_factor);
  const float wavelength = static_cast<float>(kTurn) / frequency;
  if (wavelength < context / high) return frequency;
  if (wavelength > context / low) return frequency / factor;
  const float smooth = (context / wavelength - low) / (high - low);
  return (1.0F - smooth) * frequency / factor + smooth * frequency;
}

std::vector<float> frequencies_of(const RotaryPositions& rotary, std::int64_t head_dim, std::int64_t length) {
  const bool dynamic = rotary.scaling == RopeScaling::dynamic;
  const float theta = dynamic ? stretched_theta(rotary, head_dim, length) : static_cast<float>(rotary.theta);
  std::vector<float> frequencies = periods(theta, head_dim);
  if (rotary.scaling == RopeScaling::yarn) return interpolated_by_turns(rotary, head_dim, frequencies);
  for (float& frequency : frequencies) {
    frequency = 1.0F / frequency;
    if (rotary.scaling == RopeScaling::linear) frequency /= static_cast<float>(rotary.factor);
    if (rotary.scaling == RopeScaling::llama3) frequency = interpolated_by_wavelength(rotary, frequency);
  }
  return frequencies;
}

}  // namespace

bool changes_angles(const RotaryPositions& rotary, std::int64_t length) {
  return rotary.scaling == RopeScaling::dynamic && length > rotary.original_positions;
}

Rotation::Rotation(const RotaryPositions& rotary, std::int64_t head_dim, std::int64_t length)
    : frequencies_(frequencies_of(rotary, head_dim, length)), amplitude_(static_cast<float>(rotary.amplitude)) {}

void Rotation::at(std::int64_t position, float* cosines, float* sines) const {
  for (std::size_t i = 0; i < frequencies_.size(); ++i) {
    const auto angle = static_cast<double>(static_cast<float>(position) * frequencies_[i]);
    cosines[i] = static_cast<float>(std::cos(angle)) * amplitude_;
    sines[i] = static_cast<float>(std::sin(angle)) * amplitude_;
  }
}

void Rotation::between(std::int64_t from, std::int64_t to, float* cosines, float* sines) const {
  for (std::size_t i = 0; i < frequencies_.size(); ++i) {
    const auto angle = [&](std::int64_t position) {
      return static_cast<double>(static_cast<float>(position) * frequencies_[i]);
    };
    cosines[i] = static_cast<float>(std::cos(angle(to) - angle(from)));
    sines[i] = static_cast<float>(std::sin(angle(to) - angle(from)));
  }
}

void rotate(float* head, std::int64_t pairs, const float* cosines, const float* sines) {
  for (std::int64_t i = 0; i < pairs; ++i) {
    const float first = head[i], second = head[i + pairs];
    head[i] = first * cosines[i] - second * sines[i];
    head[i + pairs] = second * cosines[i] + first * sines[i];
  }
}

}  // namespace stac::model
