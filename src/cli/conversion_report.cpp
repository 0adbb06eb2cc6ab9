#include "stac/cli/conversion_report.hpp"

#include <nlohmann/json.hpp>

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
  return "\nGELU -> ReLU: squared error of each MLP's output over its square, on the eighth of the text that judges "
         "the\n"
         "repair (" +
         std::to_string(swap.tokens) + " tokens in all, " + swap.text + ")\n" + table.str();
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
    whole += "the whole network's KL from its source: plain " + fixed(text.plain, 6) + ", calibrated " +
             fixed(text.calibrated, 6) + " (" + std::to_string(text.tokens) + " tokens, " + text.text +
             ", to which nothing was fitted)\n";
  }
  return "\nthresholds: squared error that windows leave in what is made of them, over its square, on text that the\n"
         "choice did not see (" +
         std::to_string(calibration.tokens) + " tokens in all, " + calibration.text + ")\n" + table.str() + whole;
}

std::string goal_text(const convert::AllocationGoal& goal) {
  return "fewest " + std::string(convert::minimise_name(goal.minimise)) + " within a perplexity ratio of " +
         fixed(goal.max_ratio, 4);
}

std::string allocation_text(const convert::AllocationRecord& allocation) {
  Table table({{"site"},
               {"T", Align::right},
               {"base", Align::right},
               {"budget", Align::right},
               {"headroom", Align::right},
               {"group", Align::right},
               {"additions a token", Align::right},
               {"KL", Align::right},
               {"KL at its coarsest", Align::right}});
  for (const convert::AllocatedSite& site : allocation.sites) {
    const auto& [code, group, kl, additions] = site.chosen;
    table.add({place(site.where), std::to_string(code.timesteps), std::to_string(code.base),
               code.spike_budget == 0 ? "-" : std::to_string(code.spike_budget), fixed(code.headroom, 2),
               group == 0 ? "-" : std::to_string(group), fixed(additions, 0), fixed(kl, 6),
               fixed(site.sensitivity, 4)});
  }
  return "\ncodes: perplexity ratio " + fixed(allocation.distance.ratio, 4) + ", KL " +
         fixed(allocation.distance.kl, 5) + " of the whole on " + std::to_string(allocation.verified_tokens) +
         " tokens (" + allocation.text + ")\nby which no site was measured; each site's own on " +
         std::to_string(allocation.measured_tokens) + " others\n" + table.str();
}

}  // namespace

std::string conversion_text(const convert::Conversion& conversion, const std::filesystem::path& folder) {
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
  table.add({"latency", std::to_string(conversion.network->network().plan().latency()) + " timesteps a token"});
  table.add({"activation", std::string(convert::activation_choice_name(conversion.options.activation))});
  table.add({"quantization", std::string(convert::quantize_choice_name(conversion.options.quantize))});
  table.add({"coverage", fixed(100.0 * conversion.measured.coverage, 2) + "% of all products are driven by spikes"});
  table.add({"spikes", fixed(conversion.measured.spikes_per_activation, 3) + " per activation, " +
                           fixed(100.0 * conversion.measured.silent_windows, 1) + "% of neurons silent (" +
                           std::to_string(conversion.measured.tokens) + " random tokens)"});
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
  return table.str() + calibration + swap + allocation + "\nnext: stac-chat" + named + "      stac-test --all" + named;
}

nlohmann::json conversion_json(const convert::Conversion& conversion, const std::filesystem::path& folder) {
  nlohmann::json json = convert::manifest_to_json(convert::describe(conversion));
  json["output"] = folder.string();
  json["surplus_tensors"] = conversion.surplus;
  return json;
}

}  // namespace stac::cli
