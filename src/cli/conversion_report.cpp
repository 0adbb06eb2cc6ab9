#include "stac/cli/conversion_report.hpp"

#include <nlohmann/json.hpp>

#include "cli/conversion_tables.hpp"
#include "stac/cli/table.hpp"
#include "stac/convert/manifest.hpp"

namespace stac::cli {

namespace {

std::string swap_text(const convert::SwapRecord& swap) {
  Table table(
      {{"layer"}, {"swap alone", Align::right}, {"mean folded", Align::right}, {"refitted", Align::right}, {"kept"}});
  for (std::size_t layer = 0; layer < swap.layers.size(); ++layer) {
    const convert::LayerRepair& repair = swap.layers[layer];
    table.add({std::to_string(layer), fixed(100.0 * repair.raw, 2) + "%", fixed(100.0 * repair.fold, 2) + "%",
               fixed(100.0 * repair.refit, 2) + "%", repair.chosen});
  }
  return caption(
             "GELU -> ReLU: squared error of each MLP's output over its square, on the eighth of the text that "
             "judges the repair (" +
             std::to_string(swap.tokens) + " tokens in all, " + swap.text + ")") +
         table.str();
}

std::string place(snn::SiteId where) {
  if (where.site == snn::Site::head) return "head";
  return std::to_string(where.layer) + " " + std::string(snn::site_name(where.site));
}

std::string calibration_text(const convert::ThresholdRecord& calibration) {
  Table table(
      {{"site"}, {"profile"}, {"clip", Align::right}, {"rest"}, {"plain", Align::right}, {"calibrated", Align::right}});
  for (const convert::CalibrationRecord& record : calibration.sites) {
    const convert::SiteChoice& choice = record.choice;
    table.add({place(record.where), choice.profile, fixed(choice.clip, 2), choice.rest ? "added" : "-",
               fixed(100.0 * choice.plain, 4) + "%", fixed(100.0 * choice.error, 4) + "%"});
  }
  std::string whole;
  for (const convert::Verification& text : calibration.verified) {
    whole += "the whole network's KL from its source on " + std::to_string(text.tokens) +
             " tokens to which nothing was fitted\n(" + text.text + "): plain " + fixed(text.plain, 6) +
             ", calibrated " + fixed(text.calibrated, 6) + "\n";
  }
  return caption(
             "thresholds: squared error that windows leave in what is made of them, over its square, on text that "
             "the choice did not see (" +
             std::to_string(calibration.tokens) + " tokens in all, " + calibration.text + ")") +
         table.str() + whole;
}

std::string goal_text(const convert::AllocationGoal& goal) {
  const bool of_energy = goal.minimise == convert::Minimise::energy;
  return (of_energy ? "least energy (" + goal.energy_model + ")"
                    : "fewest " + std::string(convert::minimise_name(goal.minimise))) +
         " within a perplexity ratio of " + fixed(goal.max_ratio, 4);
}

std::string quantization_text(const convert::ConversionOptions& options) {
  const std::string name(convert::quantize_choice_name(options.quantize));
  if (options.quantize == convert::QuantizeChoice::none) return name;
  return name + ", rounding " + std::string(convert::rounding_choice_name(options.rounding));
}

std::string allocation_text(const convert::AllocationRecord& allocation) {
  Table table({{"site"},
               {"T", Align::right},
               {"base", Align::right},
               {"budget", Align::right},
               {"headroom", Align::right},
               {"group", Align::right},
               {"additions", Align::right},
               {"pJ", Align::right},
               {"KL", Align::right},
               {"KL, coarsest", Align::right}});
  for (const convert::AllocatedSite& site : allocation.sites) {
    const auto& [code, group, kl, additions, picojoules] = site.chosen;
    table.add({place(site.where), std::to_string(code.timesteps), std::to_string(code.base),
               code.spike_budget == 0 ? "-" : std::to_string(code.spike_budget), fixed(code.headroom, 2),
               group == 0 ? "-" : std::to_string(group), fixed(additions, 0), fixed(picojoules, 0), fixed(kl, 6),
               fixed(site.sensitivity, 4)});
  }
  return caption("codes: perplexity ratio " + fixed(allocation.distance.ratio, 4) + ", KL " +
                 fixed(allocation.distance.kl, 5) + " of the whole on " + std::to_string(allocation.verified_tokens) +
                 " tokens (" + allocation.text + ") by which no site was measured; each site's own on " +
                 std::to_string(allocation.measured_tokens) + " others. Additions and picojoules are a token's") +
         table.str();
}

}  // namespace

std::string conversion_text(const convert::Conversion& conversion, const std::filesystem::path& folder,
                            const std::vector<convert::StageTime>& times) {
  const model::TransformerConfig& config = conversion.config;
  Table table({{"conversion"}, {""}});
  table.add({"source", conversion.source.folder.string()});
  table.add({"shape", std::to_string(config.layers) + " layers, width " + std::to_string(config.hidden_size) + ", " +
                          std::to_string(config.heads) + " heads, " + std::to_string(config.vocab_size) +
                          " token vocabulary"});
  table.add({"code", snn::code_text(conversion.options.code)});
  if (conversion.retargeted) {
    table.add({"retargeted", conversion.retargeted->from + ", " + snn::code_text(conversion.retargeted->options.code)});
  }
  if (conversion.options.goal) table.add({"chosen at each site", goal_text(*conversion.options.goal)});
  table.add({"thresholds", convert::thresholds_text(conversion.options)});
  table.add({"latency", std::to_string(conversion.plan.latency()) + " timesteps a token"});
  table.add({"activation", std::string(convert::activation_choice_name(conversion.options.activation))});
  table.add({"quantization", quantization_text(conversion.options)});
  table.add({"coverage", fixed(100.0 * conversion.measured.coverage, 2) + "% of all products are driven by spikes"});
  if (conversion.logit_scale) table.add({"logit scale", logit_scale_text(*conversion.logit_scale)});
  table.add({"spikes", activity_text(conversion)});
  if (conversion.quality) table.add({"verdict", conversion.quality->verdict});
  for (const std::string& fallback : conversion.fallbacks) table.add({"fallback", fallback});
  if (!conversion.surplus.empty()) {
    table.add({"left out", std::to_string(conversion.surplus.size()) + " tensors that the model does not use"});
  }
  table.add({"output", folder.string()});
  const std::string named = " --model " + folder.string() + "\n";
  const bool fresh = !conversion.retargeted;
  const std::string swap = fresh && conversion.swap ? swap_text(*conversion.swap) : "";
  const std::string calibration = fresh && conversion.calibration ? calibration_text(*conversion.calibration) : "";
  const std::string allocation = conversion.allocation ? allocation_text(*conversion.allocation) : "";
  const std::string quality = conversion.quality ? quality_text(*conversion.quality) : "";
  return table.str() + calibration + swap + allocation + quality + times_text(times) + "\nnext: stac-chat" + named +
         "      stac-test --all" + named;
}

nlohmann::json conversion_json(const convert::Conversion& conversion, const std::filesystem::path& folder,
                               const std::vector<convert::StageTime>& times) {
  nlohmann::json json = convert::manifest_to_json(convert::describe(conversion));
  json["output"] = folder.string();
  json["surplus_tensors"] = conversion.surplus;
  json["seconds"] = nlohmann::json::array();
  for (const convert::StageTime& time : times) {
    json["seconds"].push_back({{"stage", time.stage}, {"seconds", time.seconds}});
  }
  return json;
}

}  // namespace stac::cli
