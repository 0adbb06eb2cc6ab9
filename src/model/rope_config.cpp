#include "model/rope_config.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "stac/error.hpp"

namespace stac::model {
namespace {

constexpr double kDefaultTheta = 10000.0;

constexpr std::array<std::pair<const char*, RopeScaling>, 5> kScalings{{
    {"default", RopeScaling::none},
    {"linear", RopeScaling::linear},
    {"dynamic", RopeScaling::dynamic},
    {"yarn", RopeScaling::yarn},
    {"llama3", RopeScaling::llama3},
}};

RopeScaling parse_scaling(const ConfigFields& scaling) {
  const std::string name = scaling.optional_text({"rope_type", "type"}).value_or("default");
  std::string known;
  for (const auto& [spelling, type] : kScalings) {
    if (name == spelling) return type;
    known += known.empty() ? spelling : std::string(", ") + spelling;
  }
  scaling.refuse(scaling.has("rope_type") ? "rope_type" : "type", "one of " + known);
}

double required_number(const ConfigFields& fields, const char* name, double least) {
  const auto number = fields.optional_number(name, least);
  if (!number) fields.refuse(name, "a number");
  return *number;
}

/// Above 1: frequencies fall from pair to pair.
double parse_theta(const ConfigFields& fields) {
  const double theta = fields.optional_number("rope_theta", 1.0).value_or(kDefaultTheta);
  if (theta == 1.0) fields.refuse("rope_theta", "above 1");
  return theta;
}

void require_whole_heads(const ConfigFields& fields) {
  if (fields.optional_number("partial_rotary_factor", 0.0).value_or(1.0) == 1.0) return;
  fields.refuse("partial_rotary_factor", "1: whole heads are rotated");
}

/// Peng et al., arXiv:2309.00071, equation 22; `scale` is 1 unless the config weighs the logarithm.
double yarn_amplitude(double factor, double scale) {
  return factor <= 1.0 ? 1.0 : 0.1 * scale * std::log(factor) + 1.0;
}

double parse_amplitude(const ConfigFields& scaling, double factor) {
  const auto given = scaling.optional_number("attention_factor", 0.0);
  const double upper = scaling.optional_number("mscale", 0.0).value_or(0.0);
  const double lower = scaling.optional_number("mscale_all_dim", 0.0).value_or(0.0);
  if (given == 0.0) scaling.refuse("attention_factor", "above 0");
  if (given) return *given;
  if (upper == 0.0 || lower == 0.0) return yarn_amplitude(factor, 1.0);
  return yarn_amplitude(factor, upper) / yarn_amplitude(factor, lower);
}

/// Zero stands for the default, as in transformers.
double positive_or(std::optional<double> number, double fallback) { return number && *number > 0 ? *number : fallback; }

void parse_yarn(const ConfigFields& scaling, RotaryPositions& rotary) {
  rotary.amplitude = parse_amplitude(scaling, rotary.factor);
  rotary.beta_fast = positive_or(scaling.optional_number("beta_fast", 0.0), 32.0);
  rotary.beta_slow = positive_or(scaling.optional_number("beta_slow", 0.0), 1.0);
  if (rotary.beta_fast < rotary.beta_slow) scaling.refuse("beta_fast", "at least beta_slow");
  rotary.truncate = scaling.flag("truncate", true);
}

void parse_llama3(const ConfigFields& scaling, RotaryPositions& rotary) {
  rotary.low_frequency_factor = required_number(scaling, "low_freq_factor", 0.0);
  rotary.high_frequency_factor = required_number(scaling, "high_freq_factor", 0.0);
  if (rotary.low_frequency_factor == 0.0) scaling.refuse("low_freq_factor", "above 0");
  if (rotary.high_frequency_factor > rotary.low_frequency_factor) return;
  scaling.refuse("high_freq_factor", "above low_freq_factor");
}

bool nothing_is_harmless(std::string_view) { return false; }

RotaryPositions parse_scaled(const ConfigFields& scaling, std::int64_t trained_positions, std::int64_t head_dim) {
  RotaryPositions rotary;
  rotary.scaling = parse_scaling(scaling);
  rotary.original_positions = trained_positions;
  require_whole_heads(scaling);
  if (rotary.scaling == RopeScaling::none) return rotary;
  rotary.factor = required_number(scaling, "factor", 1.0);
  const bool by_context = rotary.scaling == RopeScaling::yarn || rotary.scaling == RopeScaling::llama3;
  if (by_context) {
    rotary.original_positions = scaling.optional_size({"original_max_position_embeddings"}).value_or(trained_positions);
  }
  if (rotary.scaling == RopeScaling::yarn) parse_yarn(scaling, rotary);
  if (rotary.scaling == RopeScaling::llama3) parse_llama3(scaling, rotary);
  if (rotary.scaling == RopeScaling::dynamic && head_dim < 4)
    scaling.refuse("rope_type", "another for heads of 2 channels");
  return rotary;
}

}  // namespace

RotaryPositions parse_rotary(const ConfigFields& fields, std::int64_t trained_positions, std::int64_t head_dim) {
  require_whole_heads(fields);
  const double theta = parse_theta(fields);
  const auto scaling = fields.optional_object({"rope_parameters", "rope_scaling"});
  if (!scaling) {
    RotaryPositions rotary;
    rotary.theta = theta;
    rotary.original_positions = trained_positions;
    return rotary;
  }
  RotaryPositions rotary = parse_scaled(*scaling, trained_positions, head_dim);
  const bool own_theta = scaling->optional_number("rope_theta", 1.0).has_value();
  rotary.theta = own_theta ? parse_theta(*scaling) : theta;
  if (own_theta && fields.optional_number("rope_theta", 1.0) && rotary.theta != theta) {
    fields.refuse("rope_theta", "the same in the scaling's own 'rope_theta'");
  }
  scaling->refuse_unread(nothing_is_harmless);
  return rotary;
}

std::int64_t position_limit(const RotaryPositions& rotary, std::int64_t trained_positions) {
  if (rotary.scaling == RopeScaling::none || trained_positions > rotary.original_positions) return trained_positions;
  const double scaled = std::floor(rotary.factor * static_cast<double>(rotary.original_positions));
  return static_cast<std::int64_t>(std::min(scaled, static_cast<double>(kLargestSize)));
}

}  // namespace stac::model
