#include "bench/spike_file.hpp"

#include "stac/report/npz.hpp"

namespace stac::tools {

namespace {

/// What each population speaks, a row per population.
void add_populations(report::NpzArchive& archive, const snn::Plan& plan) {
  std::vector<std::int32_t> layers, timesteps, bases, groups;
  std::vector<std::uint8_t> sites, adaptive;
  std::vector<double> headrooms;
  std::vector<std::string> kinds;
  snn::for_each_site(plan.layers(), [&](std::int64_t layer, snn::Site site) {
    const snn::Population& population = plan.at(layer, site);
    layers.push_back(static_cast<std::int32_t>(layer));
    sites.push_back(static_cast<std::uint8_t>(site));
    timesteps.push_back(population.code.timesteps);
    bases.push_back(population.code.base);
    groups.push_back(static_cast<std::int32_t>(population.group));
    adaptive.push_back(population.full_scale.empty() ? 1 : 0);
    headrooms.push_back(population.code.headroom);
    kinds.emplace_back(snn::code_kind_name(population.code.kind));
    const std::string place = std::to_string(layer) + "_" + std::string(snn::site_name(site));
    if (!population.profile.empty()) archive.add("profile_" + place, std::span<const float>(population.profile));
    if (!population.full_scale.empty()) {
      archive.add("full_scale_" + place, std::span<const float>(population.full_scale));
    }
    if (!population.rest.empty()) archive.add("rest_" + place, std::span<const float>(population.rest));
  });
  archive.add("population_layer", std::span<const std::int32_t>(layers));
  archive.add("population_site", std::span<const std::uint8_t>(sites));
  archive.add("population_timesteps", std::span<const std::int32_t>(timesteps));
  archive.add("population_base", std::span<const std::int32_t>(bases));
  archive.add("population_group", std::span<const std::int32_t>(groups));
  archive.add("population_adaptive", std::span<const std::uint8_t>(adaptive));
  archive.add("population_headroom", std::span<const double>(headrooms));
  archive.add("population_code", kinds);
}

void add_spikes(report::NpzArchive& archive, const eval::SpikeTable& spikes, const snn::Plan& plan) {
  std::vector<std::int32_t> weights;
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    const snn::Code& code = plan.at(spikes.layer[i], snn::kSites[spikes.site[i]]).code;
    weights.push_back(static_cast<std::int32_t>(snn::spike_weight(code, spikes.timestep[i])));
  }
  archive.add("layer", std::span<const std::int32_t>(spikes.layer));
  archive.add("site", std::span<const std::uint8_t>(spikes.site));
  archive.add("head", std::span<const std::int32_t>(spikes.head));
  archive.add("token", std::span<const std::int32_t>(spikes.token));
  archive.add("timestep", std::span<const std::uint8_t>(spikes.timestep));
  archive.add("neuron", std::span<const std::int32_t>(spikes.neuron));
  archive.add("sign", std::span<const std::int8_t>(spikes.sign));
  archive.add("weight", std::span<const std::int32_t>(weights));
  archive.add("gain", std::span<const std::int32_t>(spikes.gain));
}

void add_gains(report::NpzArchive& archive, const eval::GainTable& gains) {
  archive.add("gain_layer", std::span<const std::int32_t>(gains.layer));
  archive.add("gain_site", std::span<const std::uint8_t>(gains.site));
  archive.add("gain_head", std::span<const std::int32_t>(gains.head));
  archive.add("gain_token", std::span<const std::int32_t>(gains.token));
  archive.add("gain_first", std::span<const std::int32_t>(gains.first));
  archive.add("gain_count", std::span<const std::int32_t>(gains.count));
  archive.add("gain_scale", std::span<const float>(gains.scale));
}

}  // namespace

std::string spike_file(const convert::OpenedModel& model, std::span<const std::int64_t> tokens,
                       const std::vector<std::string>& texts, const eval::SpikeRecording& recording) {
  report::NpzArchive archive;
  add_spikes(archive, recording.spikes, model.plan());
  add_gains(archive, recording.gains);
  std::vector<std::string> names;
  for (const snn::Site site : snn::kSites) names.emplace_back(snn::site_name(site));
  archive.add("site_names", names);
  archive.add("token_ids", tokens);
  archive.add("token_texts", texts);
  add_populations(archive, model.plan());
  return archive.finish();
}

}  // namespace stac::tools
