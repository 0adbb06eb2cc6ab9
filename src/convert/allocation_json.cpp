#include "convert/allocation_json.hpp"

#include <string>

#include "stac/error.hpp"

namespace stac::convert {
namespace {

using nlohmann::json;

constexpr double kMost = 1e30;
constexpr double kMostSteps = 64;

json site_to_json(const AllocatedSite& site) {
  const auto& [code, group, kl, additions, picojoules] = site.chosen;
  return {{"layer", site.where.layer},
          {"site", snn::site_name(site.where.site)},
          {"timesteps", code.timesteps},
          {"base", code.base},
          {"spike_budget", code.spike_budget},
          {"headroom", code.headroom},
          {"group", group},
          {"kl", kl},
          {"additions", additions},
          {"picojoules", picojoules},
          {"sensitivity", site.sensitivity}};
}

AllocatedSite allocated_site(const JsonReader& reader) {
  reader.require_only({"layer", "site", "timesteps", "base", "spike_budget", "headroom", "group", "kl", "additions",
                       "picojoules", "sensitivity"});
  AllocatedSite site;
  site.where = site_from_json(reader);
  snn::Code& code = site.chosen.code;
  code.timesteps = static_cast<int>(reader.fraction("timesteps", kMostSteps));
  code.base = static_cast<int>(reader.fraction("base", kMostSteps));
  code.spike_budget = static_cast<int>(reader.fraction("spike_budget", kMostSteps));
  code.headroom = reader.fraction("headroom", kMostSteps);
  site.chosen.group = reader.integer("group", 0);
  site.chosen.kl = reader.fraction("kl", kMost);
  site.chosen.additions = reader.fraction("additions", kMost);
  site.chosen.energy = reader.fraction("picojoules", kMost);
  site.sensitivity = reader.fraction("sensitivity", kMost);
  try {
    snn::require_valid(snn::Population{code, site.chosen.group}, 1);
  } catch (const UsageError& error) {
    reader.refuse("timesteps", std::string("does not fit its code: ") + error.what());
  }
  return site;
}

}  // namespace

json allocation_to_json(const std::optional<AllocationRecord>& allocation) {
  if (!allocation) return nullptr;
  json sites = json::array();
  for (const AllocatedSite& site : allocation->sites) sites.push_back(site_to_json(site));
  return {{"text", allocation->text},
          {"measured_tokens", allocation->measured_tokens},
          {"verified_tokens", allocation->verified_tokens},
          {"ratio", allocation->distance.ratio},
          {"kl", allocation->distance.kl},
          {"sites", std::move(sites)}};
}

std::optional<AllocationRecord> allocation_from_json(const JsonReader& manifest) {
  if (manifest.is_null("allocation")) return std::nullopt;
  const JsonReader reader = manifest.object("allocation");
  reader.require_only({"text", "measured_tokens", "verified_tokens", "ratio", "kl", "sites"});
  AllocationRecord record{reader.text("text"),
                          reader.integer("measured_tokens", 1),
                          reader.integer("verified_tokens", 1),
                          {reader.fraction("ratio", kMost), reader.fraction("kl", kMost)},
                          {}};
  for (const JsonReader& site : reader.objects("sites")) record.sites.push_back(allocated_site(site));
  return record;
}

snn::SiteId site_from_json(const JsonReader& reader) {
  const std::string name = reader.text("site");
  for (const snn::Site site : snn::kSites) {
    if (name == snn::site_name(site)) return {reader.integer("layer", 0), site};
  }
  reader.refuse("site", "is '" + name + "', unknown");
}

}  // namespace stac::convert
