#include <cmath>
#include <nlohmann/json.hpp>

#include "report/axis.hpp"
#include "stac/report/page.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

std::string percent_change(double ratio) {
  const double change = 100.0 * (ratio - 1.0);
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%+.2f%%", change);
  return buffer;
}

std::string quality_sentence(const json& report) {
  const json& spiking = report.at("spiking");
  if (!spiking.at("ratio").is_number()) {
    return "Its perplexity is " + short_number(spiking.at("perplexity").get<double>()) +
           "; the dense source was not there to compare with.";
  }
  return "Its perplexity is " + percent_change(spiking.at("ratio").get<double>()) + " from its dense source's (" +
         short_number(report.at("dense").at("perplexity").get<double>()) + "), and in " +
         short_number(100.0 * spiking.at("top1_agreement").get<double>()) + "% of the " +
         std::to_string(report.at("text").at("scored_tokens").get<long>()) +
         " positions it finds the same token most likely.";
}

std::string energy_sentence(const json& energy) {
  std::string text;
  for (const json& contender : energy.at("contenders")) {
    const auto name = contender.at("name").get<std::string>();
    if (name == "spikes") continue;
    const double ratio = contender.at("spikes_over_it").at("compute").get<double>();
    text += (text.empty() ? "Its compute takes " : ", ") + short_number(ratio) + " of the energy of " + name;
  }
  return text + " (" + energy.at("model").get<std::string>() + ").";
}

}  // namespace

std::string summary(const json& report) {
  if (!report.contains("model")) return "";
  std::string text = report.at("model").at("name").get<std::string>() + " speaks in spikes, " +
                     std::to_string(report.at("timesteps").get<int>()) + " timesteps a window (" +
                     report.at("code").get<std::string>() + " code).";
  const auto membranes = report.at("storage").at("membranes").get<std::string>();
  const auto cache = report.at("storage").at("cache").get<std::string>();
  if (membranes != "f32" || cache != "f32") {
    text += " Membranes wait as " + membranes + ", cached keys and values as " + cache + ".";
  }
  if (report.contains("spiking")) text += " " + quality_sentence(report);
  if (report.contains("spikes")) {
    text += " Spikes drive " + short_number(100.0 * report.at("spikes").at("coverage").get<double>()) +
            "% of its multiply-accumulates, with " +
            short_number(report.at("spikes").at("per_activation").get<double>()) + " additions each.";
  }
  if (report.contains("energy")) text += " " + energy_sentence(report.at("energy"));
  return text;
}

}  // namespace stac::report
