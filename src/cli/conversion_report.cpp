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

std::string place(const convert::CalibrationRecord& record) {
  if (record.where.site == snn::Site::head) return "head";
  return std::to_string(record.where.layer) + " " + std::string(snn::site_name(record.where.site));
}

std::string calibration_text(const convert::ThresholdRecord& calibration) {
  Table table(
      {{"site"}, {"profile"}, {"clip", Align::right}, {"rest"}, {"plain", Align::right}, {"calibrated", Align::right}});
  for (const convert::CalibrationRecord& record : calibration.sites) {
    const convert::SiteChoice& choice = record.choice;
    table.add({place(record), choice.profile, fixed(choice.clip, 2), choice.rest ? "added" : "-",
               fixed(100.0 * choice.plain, 4) + "%", fixed(100.0 * choice.error, 4) + "%"});
  }
  return "\nthresholds: squared error that windows leave in what is made of them, over its square, on text that the\n"
         "choice did not see (" +
         std::to_string(calibration.tokens) + " tokens in all, " + calibration.text + ")\n" + table.str();
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
  const std::string swap = conversion.swap ? swap_text(*conversion.swap) : "";
  const std::string calibration = conversion.calibration ? calibration_text(*conversion.calibration) : "";
  return table.str() + calibration + swap + "\nnext: stac-chat" + named + "      stac-test --all" + named;
}

nlohmann::json conversion_json(const convert::Conversion& conversion, const std::filesystem::path& folder) {
  nlohmann::json json = convert::manifest_to_json(convert::describe(conversion));
  json["output"] = folder.string();
  json["surplus_tensors"] = conversion.surplus;
  return json;
}

}  // namespace stac::cli
