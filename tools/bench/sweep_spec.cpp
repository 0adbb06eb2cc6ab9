#include "bench/sweep_spec.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <sstream>

#include "stac/error.hpp"

namespace stac::tools {

namespace {

using cli::ConversionFlags;
using cli::ModelFlags;
using cli::StorageFlags;
using Setter = std::function<void(ModelFlags&, const std::string&)>;

constexpr std::size_t kMostPoints = 10'000;

struct Axis {
  std::string key;
  std::vector<std::string> values;
};

template <typename Number>
Number number_of(const std::string& key, const std::string& text) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed == std::errc() && end == text.data() + text.size()) return number;
  throw UsageError("--sweep: '" + text + "' is no value of " + key, "give a number");
}

Setter sets_text(std::optional<std::string> ConversionFlags::*field) {
  return [field](ModelFlags& flags, const std::string& value) { flags.conversion.*field = value; };
}

template <typename Number>
Setter sets_number(const std::string& key, std::optional<Number> ConversionFlags::*field) {
  return [key, field](ModelFlags& flags, const std::string& value) {
    flags.conversion.*field = number_of<Number>(key, value);
  };
}

Setter sets_choice(const std::string& key, std::optional<std::string> ConversionFlags::*field,
                   std::vector<std::string> choices) {
  return [=](ModelFlags& flags, const std::string& value) {
    if (std::ranges::find(choices, value) == choices.end()) {
      std::string all;
      for (const std::string& choice : choices) all += (all.empty() ? "" : ", ") + choice;
      throw UsageError("--sweep: '" + value + "' is no value of " + key, "choose from " + all);
    }
    flags.conversion.*field = value;
  };
}

Setter sets_format(std::optional<std::string> StorageFlags::*field) {
  return [field](ModelFlags& flags, const std::string& value) { flags.storage.*field = value; };
}

const std::map<std::string, Setter>& setters() {
  using F = ConversionFlags;
  static const std::map<std::string, Setter> all{
      {"timesteps", sets_text(&F::timesteps)},
      {"code", sets_choice("code", &F::code, {"phase", "rate", "lif"})},
      {"base", sets_choice("base", &F::base, {"2", "3"})},
      {"tau", sets_number("tau", &F::tau)},
      {"spike-budget", sets_number("spike-budget", &F::spike_budget)},
      {"dead-zone", sets_number("dead-zone", &F::dead_zone)},
      {"headroom", sets_number("headroom", &F::headroom)},
      {"group", sets_number("group", &F::group)},
      {"threshold", sets_choice("threshold", &F::threshold, {"adaptive", "static"})},
      {"profile", sets_text(&F::profile)},
      {"activation", sets_choice("activation", &F::activation, {"keep", "relu"})},
      {"quantize", sets_choice("quantize", &F::quantize, {"none", "int8"})},
      {"reset", sets_choice("reset", &F::reset, {"soft", "hard"})},
      {"max-ratio", sets_number("max-ratio", &F::max_ratio)},
      {"minimise", sets_choice("minimise", &F::minimise, {"spikes", "timesteps", "energy"})},
      {"dtype", sets_format(&StorageFlags::dtype)},
      {"kv-dtype", sets_format(&StorageFlags::kv_dtype)}};
  return all;
}

std::string known_keys() {
  std::string keys;
  for (const auto& [key, setter] : setters()) keys += (keys.empty() ? "" : ", ") + key;
  return keys;
}

/// "3..5" -> 3, 4, 5; anything else is one value.
std::vector<std::string> range_of(const std::string& key, const std::string& item) {
  const auto dots = item.find("..");
  if (dots == std::string::npos) return {item};
  const auto first = number_of<int>(key, item.substr(0, dots)), last = number_of<int>(key, item.substr(dots + 2));
  if (first > last || last - first > 1000) {
    throw UsageError("--sweep: the range '" + item + "' of " + key + " holds nothing, or too much",
                     "give the smaller end first, as 3..8");
  }
  std::vector<std::string> values;
  for (int value = first; value <= last; ++value) values.push_back(std::to_string(value));
  return values;
}

Axis parse_axis(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError("--sweep: '" + text + "' is not KEY=VALUES", "as \"timesteps=3..8 base=2,3\"");
  }
  Axis axis{text.substr(0, equals), {}};
  std::replace(axis.key.begin(), axis.key.end(), '_', '-');
  if (!setters().contains(axis.key)) {
    throw UsageError("--sweep: there is no key '" + axis.key + "'", "choose from " + known_keys());
  }
  std::string item;
  std::istringstream items(text.substr(equals + 1) + ",");
  while (std::getline(items, item, ',')) {
    if (item.empty()) throw UsageError("--sweep: " + axis.key + " has an empty value", "as \"timesteps=3..8,12\"");
    for (std::string& value : range_of(axis.key, item)) axis.values.push_back(std::move(value));
  }
  return axis;
}

std::vector<Axis> parse_axes(const std::string& text) {
  std::vector<Axis> axes;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    Axis axis = parse_axis(word);
    const auto same = [&](const Axis& other) { return other.key == axis.key; };
    if (std::any_of(axes.begin(), axes.end(), same)) {
      throw UsageError("--sweep: " + axis.key + " is given twice", "give its values together: " + axis.key + "=A,B");
    }
    axes.push_back(std::move(axis));
  }
  if (axes.empty()) throw UsageError("--sweep: nothing to vary", "as --sweep \"timesteps=3..8 base=2,3\"");
  return axes;
}

/// Without the settings that its code does not have.
SweepPoint reduced(const SweepPoint& point, const ModelFlags& flags) {
  std::string code = flags.conversion.code.value_or("phase");
  for (const auto& [key, value] : point.settings) {
    if (key == "code") code = value;
  }
  SweepPoint result;
  for (const auto& setting : point.settings) {
    const bool fits = (setting.first != "base" || code == "phase") && (setting.first != "tau" || code == "lif") &&
                      (setting.first != "reset" || code != "phase");
    if (fits) result.settings.push_back(setting);
  }
  return result;
}

/// Says at which point a flag cannot be as the point wants it.
void require_at(const SweepPoint& point, const std::function<void(const SweepPoint&)>& require_possible) {
  try {
    require_possible(point);
  } catch (const UsageError& error) {
    const std::string what = error.what();
    if (what.starts_with("--sweep")) throw;
    throw UsageError("--sweep, at " + point.name() + ": " + what, error.hint());
  }
}

/// @throws stac::UsageError  a key that every point was reduced by
void require_all_used(const std::vector<Axis>& axes, const std::vector<SweepPoint>& points) {
  for (const Axis& axis : axes) {
    const bool is_used = std::any_of(points.begin(), points.end(), [&](const SweepPoint& point) {
      return std::any_of(point.settings.begin(), point.settings.end(),
                         [&](const auto& setting) { return setting.first == axis.key; });
    });
    if (!is_used)
      throw UsageError("--sweep: " + axis.key + ": no point's code has one", "vary code, too, or leave it out");
  }
}

}  // namespace

std::string SweepPoint::name() const {
  std::string text;
  for (const auto& [key, value] : settings) text += (text.empty() ? "" : " ") + key + "=" + value;
  return text;
}

ModelFlags SweepPoint::applied_to(ModelFlags flags) const {
  for (const auto& [key, value] : settings) setters().at(key)(flags, value);
  return flags;
}

std::vector<SweepPoint> parse_sweep(const std::string& text, const ModelFlags& flags,
                                    const std::function<void(const SweepPoint&)>& require_possible) {
  std::vector<SweepPoint> all{{}};
  const std::vector<Axis> axes = parse_axes(text);
  for (const Axis& axis : axes) {
    std::vector<SweepPoint> longer;
    for (const SweepPoint& point : all) {
      for (const std::string& value : axis.values) {
        longer.push_back(point);
        longer.back().settings.emplace_back(axis.key, value);
      }
    }
    if (longer.size() > kMostPoints) {
      throw UsageError("--sweep: more than " + std::to_string(kMostPoints) + " combinations", "vary less at once");
    }
    all = std::move(longer);
  }
  std::vector<SweepPoint> points;
  for (const SweepPoint& point : all) {
    SweepPoint kept = reduced(point, flags);
    const auto same = [&](const SweepPoint& other) { return other.settings == kept.settings; };
    if (std::any_of(points.begin(), points.end(), same)) continue;
    require_at(kept, require_possible);
    points.push_back(std::move(kept));
  }
  require_all_used(axes, points);
  return points;
}

}  // namespace stac::tools
