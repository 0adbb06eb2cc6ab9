// The paragraph that says who wins, generated from the numbers.
#include <algorithm>
#include <cstdio>
#include <functional>

#include "stac/energy/comparison.hpp"

namespace stac::energy {
namespace {

using Total = std::function<double(const Contender&)>;

std::string formatted(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

std::string times(double ratio) { return formatted(ratio < 10.0 ? "%.2f" : "%.1f", ratio); }

/// "a", "a and b", "a, b and c"
std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

/// "Counting X, spikes win against dense f32 (0.21 of its energy) and lose against dense int8 (3.2 times)."
std::string sentence(const std::string& what, const Comparison& comparison, const Total& total) {
  std::vector<std::string> beaten, beating;
  for (const Contender& baseline : comparison.baselines) {
    const double theirs = total(baseline);
    if (theirs <= 0.0) continue;
    const double ratio = total(comparison.spikes) / theirs;
    const std::string figure =
        ratio < 1.0 ? " (" + times(ratio) + " of its energy)" : " (" + times(ratio) + " times it)";
    (ratio < 1.0 ? beaten : beating).push_back(baseline.name + figure);
  }
  std::string text = what + ", spikes ";
  if (beaten.empty()) return text + "win against nothing: they need more than " + listed(beating) + ".";
  text += "win against " + listed(beaten);
  return text + (beating.empty() ? ", and lose against nothing." : " and lose against " + listed(beating) + ".");
}

Part largest(const Contender& contender, bool of_memory) {
  Part most = of_memory ? Part::weights : Part::products;
  for (const Part part : kParts) {
    if (is_memory(part) == of_memory && contender.of(part) > contender.of(most)) most = part;
  }
  return most;
}

std::string share_text(const Contender& contender, Part part, double whole) {
  return part_name(part) + " (" + formatted("%.0f%%", whole > 0.0 ? 100.0 * contender.of(part) / whole : 0.0) + ")";
}

}  // namespace

std::string verdict(const Comparison& comparison) {
  const Contender& spikes = comparison.spikes;
  std::string text =
      sentence("Counting additions alone (SynOps against multiply-accumulates)", comparison,
               [](const Contender& c) { return c.products(); }) +
      " " + sentence("Counting all compute", comparison, [](const Contender& c) { return c.compute(); }) + " " +
      sentence("With memory traffic", comparison, [](const Contender& c) { return c.with_memory(); });
  text += " The largest part of the spikes' compute is " + share_text(spikes, largest(spikes, false), spikes.compute());
  const double memory = spikes.with_memory() - spikes.compute();
  if (memory > 0.0) text += ", of their memory traffic " + share_text(spikes, largest(spikes, true), memory);
  return text + ".";
}

}  // namespace stac::energy
