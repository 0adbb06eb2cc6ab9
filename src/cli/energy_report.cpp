#include "stac/cli/bench_report.hpp"
#include "stac/cli/table.hpp"
#include "stac/energy/non_spiking.hpp"

namespace stac::cli {
namespace {

using energy::Comparison;
using energy::Contender;
using energy::Part;
using nlohmann::json;

struct WorkField {
  const char* key;
  const char* what;
  std::uint64_t snn::SpikeWork::*field;
};

constexpr WorkField kWork[] = {
    {"additions", "additions of weights, SynOps", &snn::SpikeWork::additions},
    {"membrane_updates", "membrane updates", &snn::SpikeWork::membrane_updates},
    {"comparisons", "comparisons with thresholds", &snn::SpikeWork::comparisons},
    {"resets", "resets, one a spike", &snn::SpikeWork::resets},
    {"maxima", "membranes compared for row maxima", &snn::SpikeWork::maxima},
    {"gains", "scales of rows and groups", &snn::SpikeWork::gains},
    {"trials", "membranes said on trial", &snn::SpikeWork::trials},
    {"scalings", "multiplies by scales", &snn::SpikeWork::scalings},
    {"profile_scalings", "multiplies by channel thresholds", &snn::SpikeWork::profile_scalings},
    {"weighings", "weighings of currents (shifts)", &snn::SpikeWork::weighings},
    {"group_scalings", "gains of groups", &snn::SpikeWork::group_scalings},
    {"read_outs", "currents read out", &snn::SpikeWork::read_outs},
    {"weights_read", "weights and cached numbers read", &snn::SpikeWork::weights_read}};

/// Spikes per neuron and timestep.
double firing_rate(const snn::SpikeWork& work) {
  return work.membrane_updates == 0 ? 0.0
                                    : static_cast<double>(work.resets) / static_cast<double>(work.membrane_updates);
}

json work_json(const snn::SpikeWork& work) {
  json object = {{"firing_rate", firing_rate(work)}};
  for (const WorkField& field : kWork) object[field.key] = work.*field.field;
  return object;
}

json lines_json(const Contender& contender) {
  json lines = json::array();
  for (const energy::Line& line : contender.lines) {
    lines.push_back({{"part", energy::part_name(line.part)},
                     {"what", line.what},
                     {"count", line.count},
                     {"picojoules", line.picojoules}});
  }
  return lines;
}

json contender_json(const Contender& contender) {
  json parts;
  for (const Part part : energy::kParts) parts[energy::part_name(part)] = contender.of(part);
  return {{"name", contender.name},         {"products", contender.products()},
          {"compute", contender.compute()}, {"with_memory", contender.with_memory()},
          {"parts", std::move(parts)},      {"lines", lines_json(contender)}};
}

json closed_form_json(const energy::ClosedForm& form) {
  return {{"timesteps", form.timesteps},     {"rate", form.rate},   {"coverage", form.coverage},
          {"adder_ratio", form.adder_ratio}, {"ratio", form.ratio}, {"counted", form.counted},
          {"explanation", form.explanation}};
}

json figures_json(const energy::EnergyModel& model) {
  json figures;
  for (const auto& [name, operation] : model.operations()) {
    figures[name] = {{"picojoules", operation.picojoules}, {"source", operation.source}};
  }
  return figures;
}

std::vector<const Contender*> all_contenders(const Comparison& comparison) {
  std::vector<const Contender*> contenders{&comparison.spikes};
  for (const Contender& baseline : comparison.baselines) contenders.push_back(&baseline);
  return contenders;
}

/// Microjoules a token.
std::string microjoules(double picojoules, std::uint64_t tokens) {
  const double value = tokens == 0 ? 0.0 : picojoules * 1e-6 / static_cast<double>(tokens);
  return fixed(value, value < 0.1 ? 5 : value < 10.0 ? 4 : 2);
}

std::string ratio_text(double ratio) { return fixed(ratio, ratio < 10.0 ? 3 : 1); }

std::string totals_text(const Comparison& comparison) {
  Table table({{"energy, uJ a token"},
               {"products", Align::right},
               {"compute", Align::right},
               {"with memory", Align::right},
               {"spikes / it: products", Align::right},
               {"compute", Align::right},
               {"memory too", Align::right}});
  for (const Contender* contender : all_contenders(comparison)) {
    std::vector<std::string> cells{contender->name, microjoules(contender->products(), comparison.tokens),
                                   microjoules(contender->compute(), comparison.tokens),
                                   microjoules(contender->with_memory(), comparison.tokens)};
    const energy::Ratios ratios = energy::ratios(comparison.spikes, *contender);
    const bool is_ours = contender == &comparison.spikes;
    for (const double ratio : {ratios.products, ratios.compute, ratios.with_memory}) {
      cells.push_back(is_ours ? "" : ratio_text(ratio));
    }
    table.add(std::move(cells));
  }
  return table.str();
}

std::string parts_text(const Comparison& comparison) {
  std::vector<Column> columns{{"of which"}};
  for (const Contender* contender : all_contenders(comparison)) columns.push_back({contender->name, Align::right});
  Table table(std::move(columns));
  for (const Part part : energy::kParts) {
    std::vector<std::string> cells{energy::part_name(part) + (energy::is_memory(part) ? ", memory" : "")};
    for (const Contender* contender : all_contenders(comparison)) {
      const double energy = contender->of(part);
      cells.push_back(energy == 0.0 ? "-" : microjoules(energy, comparison.tokens));
    }
    table.add(std::move(cells));
  }
  return table.str();
}

std::string paragraph(const std::string& text) {
  std::string lines;
  for (const std::string& line : wrap(text, kReportColumns)) lines += line + "\n";
  return lines;
}

std::string closed_form_text(const energy::ClosedForm& form) {
  return paragraph("The Python project's closed form, T (rho f r + 1 - f), gives " + ratio_text(form.ratio) +
                   " of dense f32 (T = " + std::to_string(form.timesteps) + ", rho = " + fixed(form.rate, 4) +
                   ", f = " + fixed(form.coverage, 4) + ", r = " + fixed(form.adder_ratio, 4) +
                   "); counted: " + ratio_text(form.counted) + ". " + form.explanation);
}

}  // namespace

json operations_json(const energy::SpikingRun& run) {
  json sites = json::array();
  snn::SpikeWork total;
  snn::for_each_site(run.config.layers, [&](std::int64_t layer, snn::Site site) {
    const snn::SpikeWork work = energy::site_work(run, {layer, site});
    total += work;
    json entry = work_json(work);
    entry["layer"] = layer < run.config.layers ? json(layer) : json(nullptr);
    entry["site"] = snn::site_name(site);
    sites.push_back(std::move(entry));
  });
  json dense;
  for (const auto& [what, counts] : energy::non_spiking(run.config, run.texts)) dense[what] = counts;
  return {{"tokens", run.texts.tokens()},
          {"total", work_json(total)},
          {"sites", std::move(sites)},
          {"non_spiking", std::move(dense)}};
}

std::string operations_text(const energy::SpikingRun& run) {
  const std::uint64_t tokens = run.texts.tokens();
  Table table({{"operations"}, {"in all", Align::right}, {"a token", Align::right}});
  const auto add = [&](const std::string& what, std::uint64_t count) {
    const double each = static_cast<double>(count) / static_cast<double>(tokens);
    table.add({what, with_separators(count), with_separators(static_cast<unsigned long long>(each + 0.5))});
  };
  add("dense multiply-accumulates", run.ledger.demanded_macs());
  snn::SpikeWork total;
  snn::for_each_site(run.config.layers, [&](std::int64_t layer, snn::Site site) {
    total += energy::site_work(run, {layer, site});
  });
  for (const WorkField& field : kWork) {
    if (total.*field.field > 0) add(field.what, total.*field.field);
  }
  for (const auto& [what, counts] : energy::non_spiking(run.config, run.texts)) {
    std::uint64_t sum = 0;
    for (const auto& [operation, count] : counts) sum += count;
    add("not spiking: " + what, sum);
  }
  return table.str() + "firing rate: " + fixed(firing_rate(total), 4) + " spikes a neuron and timestep\n";
}

json energy_json(const Comparison& comparison, const energy::EnergyEstimate& products) {
  json contenders = json::array();
  for (const Contender* contender : all_contenders(comparison)) {
    json entry = contender_json(*contender);
    const energy::Ratios ratios = energy::ratios(comparison.spikes, *contender);
    entry["spikes_over_it"] = {
        {"products", ratios.products}, {"compute", ratios.compute}, {"with_memory", ratios.with_memory}};
    contenders.push_back(std::move(entry));
  }
  return {{"model", comparison.model.title()},
          {"model_name", comparison.model.name()},
          {"tokens", comparison.tokens},
          {"adder", energy::adder_name(products.projections)},
          {"macs", products.macs},
          {"additions", {{"projections", products.projection_additions}, {"attention", products.attention_additions}}},
          {"dense_picojoules", comparison.baselines.front().products()},
          {"spiking_picojoules", comparison.spikes.products()},
          {"ratio", energy::ratios(comparison.spikes, comparison.baselines.front()).products},
          {"contenders", std::move(contenders)},
          {"verdict", energy::verdict(comparison)},
          {"closed_form", closed_form_json(comparison.python)},
          {"figures", figures_json(comparison.model)}};
}

std::string energy_text(const Comparison& comparison) {
  return "energy model: " + comparison.model.title() + "\n\n" + totals_text(comparison) + "\n" +
         parts_text(comparison) + "\n" + paragraph(energy::verdict(comparison)) + "\n" +
         closed_form_text(comparison.python);
}

}  // namespace stac::cli
