#include "stac/snn/code.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "stac/error.hpp"

namespace stac::snn {

namespace {

constexpr double kLifSteps = 4096.0;  // weight of lif's last spike: the kernel is rounded to 1 / 8192 of it

std::int64_t power(std::int64_t base, int exponent) {
  std::int64_t result = 1;
  for (int i = 0; i < exponent; ++i) result *= base;
  return result;
}

double leak(const Code& code) { return code.kind == CodeKind::lif ? 1.0 - 1.0 / code.tau : 1.0; }

// Neurons without inhibition round by half a level of initial charge; what a hard reset forgets must be worth a spike.
bool fires_at_threshold(const Code& code) { return code.polarity == Polarity::excitatory || code.reset == Reset::hard; }

void require(bool holds, const std::string& field, const std::string& value, const std::string& rule) {
  if (!holds) throw UsageError(field + ": " + value + " is not " + rule, "choose " + rule);
}

}  // namespace

void require_valid(const Code& code) {
  if (code.timesteps < 1 || code.timesteps > 64) {
    throw UsageError("timesteps: " + std::to_string(code.timesteps) + " is outside 1..64", "choose T between 1 and 64");
  }
  if (code.base != 2 && code.base != 3) {
    throw UsageError("base: " + std::to_string(code.base) + " is neither 2 nor 3",
                     "base 2 needs the fewest spikes, base 3 the fewest timesteps");
  }
  require(code.tau > 1.0 && code.tau <= 1e6, "tau", std::to_string(code.tau), "above 1 and at most 1000000");
  require(code.spike_budget >= 0 && code.spike_budget <= 64, "spike-budget", std::to_string(code.spike_budget),
          "between 1 and 64");
  require(code.dead_zone >= 0.0 && code.dead_zone < 1.0, "dead-zone", std::to_string(code.dead_zone),
          "at least 0 and below 1");
  require(code.headroom >= 0.05 && code.headroom <= 64.0, "headroom", std::to_string(code.headroom),
          "between 0.05 and 64");
  const bool phase = code.kind == CodeKind::phase;
  if (code.polarity == Polarity::excitatory && !(phase && code.base == 2)) {
    throw UsageError("unsigned: only the phase code of base 2 can be",
                     phase ? "choose --base 2" : "leave it out: rate and lif windows of what is never negative are");
  }
  if (code.reset == Reset::hard && phase) {
    throw UsageError("reset: a phase code says the rest of its membrane with later spikes, which a hard reset forgets",
                     "choose --code rate or lif, or --reset soft");
  }
}

int speaking_timesteps(const Code& code) {
  if (code.kind != CodeKind::phase) return code.timesteps;
  return std::min(code.timesteps, code.base == 2 ? 24 : 15);
}

std::int64_t spike_weight(const Code& code, int t) {
  const int to_go = speaking_timesteps(code) - 1 - t;
  if (to_go < 0) return 0;
  if (code.kind == CodeKind::rate) return 1;
  if (code.kind == CodeKind::lif) return std::llround(kLifSteps * std::pow(leak(code), to_go));
  return power(code.base, to_go);
}

std::int64_t full_scale(const Code& code) {
  if (code.kind == CodeKind::rate) return code.timesteps;
  std::int64_t sum = 0;
  if (code.kind == CodeKind::phase) {
    for (int t = 0; t < speaking_timesteps(code); ++t) sum = sum * code.base + 1;
    return sum;
  }
  for (int t = 0; t < code.timesteps; ++t) sum += spike_weight(code, t);
  return sum;
}

double firing_fraction(const Code& code, int t) {
  if (fires_at_threshold(code)) return 1.0;
  if (code.kind != CodeKind::phase || code.base == 3) return 0.5;
  const auto weight = static_cast<double>(spike_weight(code, t));
  const auto shorter = static_cast<double>(2 * spike_weight(code, t) / 3);
  return (shorter + 0.5) / weight;
}

NeuronParameters neuron_of(const Code& code) {
  const auto whole = static_cast<double>(full_scale(code));
  NeuronParameters neuron;
  neuron.dead_zone = code.dead_zone * whole;
  if (code.spike_budget > 0) neuron.spike_budget = code.spike_budget;
  neuron.membrane_factor = code.kind == CodeKind::phase ? static_cast<double>(code.base) : leak(code);
  neuron.threshold = code.kind == CodeKind::phase ? static_cast<double>(spike_weight(code, 0)) : whole;
  if (fires_at_threshold(code)) neuron.firing = Firing::reaching;
  if (code.reset == Reset::hard) neuron.reset_to = 0.0;
  if (code.polarity == Polarity::excitatory) {
    neuron.inhibitory = false;
    neuron.initial_charge = 0.5 / neuron.membrane_factor;  // half a level once the first step has amplified it
  }
  return neuron;
}

bool says_nearest_integer(const Code& code) { return code.kind != CodeKind::lif && code.reset == Reset::soft; }

SpikeTrain simulate_window(const Code& code, float drive) {
  SpikeTrain train(code.timesteps, 0);
  PreparedCode(code).run(drive, [&](int t, int spike) { train[t] = static_cast<std::int8_t>(spike); });
  return train;
}

PreparedCode::PreparedCode(const Code& code) : code_(code), neuron_(neuron_of(code)) {
  for (int t = 0; t < speaking_timesteps(code); ++t) {
    steps_.push_back({firing_fraction(code, t), stac::snn::spike_weight(code, t)});
  }
}

Spoken PreparedCode::speak(float drive) const {
  Spoken spoken;
  run(drive, [&](int t, int spike) {
    spoken.value += spike * steps_[t].spike_weight;
    ++spoken.spikes;
  });
  return spoken;
}

Spoken speak(const Code& code, float drive) { return PreparedCode(code).speak(drive); }

std::int64_t largest_said(const Code& code) { return speak(code, static_cast<float>(full_scale(code))).value; }

std::int64_t decode(const Code& code, std::span<const std::int8_t> train) {
  std::int64_t value = 0;
  for (int t = 0; t < static_cast<int>(train.size()); ++t) value += train[t] * spike_weight(code, t);
  return value;
}

std::string_view reset_name(Reset reset) { return reset == Reset::hard ? "hard" : "soft"; }

Reset parse_reset(std::string_view name) {
  for (const Reset reset : {Reset::soft, Reset::hard}) {
    if (name == reset_name(reset)) return reset;
  }
  throw UsageError("reset: '" + std::string(name) + "' is unknown", "choose soft or hard");
}

std::string_view code_kind_name(CodeKind kind) {
  switch (kind) {
    case CodeKind::phase:
      return "phase";
    case CodeKind::rate:
      return "rate";
    case CodeKind::lif:
      return "lif";
  }
  return "";
}

CodeKind parse_code_kind(std::string_view name) {
  for (const CodeKind kind : {CodeKind::phase, CodeKind::rate, CodeKind::lif}) {
    if (name == code_kind_name(kind)) return kind;
  }
  throw UsageError("code: '" + std::string(name) + "' is unknown", "choose phase, rate or lif");
}

std::string code_text(const Code& code) {
  std::ostringstream text;
  text << code_kind_name(code.kind) << " code";
  if (code.kind == CodeKind::phase) text << ", base " << code.base;
  if (code.kind == CodeKind::lif) text << ", tau " << code.tau;
  text << ", T = " << code.timesteps;
  if (code.polarity == Polarity::excitatory) text << ", unsigned";
  if (code.reset == Reset::hard) text << ", hard reset";
  if (code.spike_budget == 1) text << ", at most 1 spike";
  if (code.spike_budget > 1) text << ", at most " << code.spike_budget << " spikes";
  if (code.dead_zone > 0.0) text << ", dead zone " << code.dead_zone;
  if (code.headroom != 1.0) text << ", headroom " << code.headroom;
  return text.str();
}

float scale_for(const Code& code, float largest_magnitude) {
  const float scale = largest_magnitude * static_cast<float>(code.headroom) / static_cast<float>(full_scale(code));
  return scale < std::numeric_limits<float>::min() ? 0.0F : scale;
}

}  // namespace stac::snn
