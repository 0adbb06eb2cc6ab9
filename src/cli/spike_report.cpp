#include "stac/cli/bench_report.hpp"
#include "stac/cli/table.hpp"

namespace stac::cli {
namespace {

using nlohmann::json;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

json counts_json(const snn::SiteCounts& counts) {
  return {{"macs", counts.macs},           {"windows", counts.windows},
          {"silent", counts.silent},       {"silent_macs", counts.silent_macs},
          {"saturated", counts.saturated}, {"spikes", counts.spikes},
          {"additions", counts.additions}, {"per_activation", share(counts.additions, counts.macs)}};
}

/// Calls `visit(layer's name, site, counts)` for every site that was used.
template <typename Visit>
void for_sites(const snn::Ledger& ledger, const Visit& visit) {
  for (std::int64_t layer = 0; layer <= ledger.layers(); ++layer) {
    for (const snn::Site site : snn::kSites) {
      const snn::SiteCounts& counts = ledger.counts(layer, site);
      if (counts.windows > 0) visit(layer, site, counts);
    }
  }
}

}  // namespace

json spikes_json(const snn::Ledger& ledger) {
  json object = counts_json(ledger.total());
  object["coverage"] = ledger.coverage();
  object["sites"] = json::array();
  for_sites(ledger, [&](std::int64_t layer, snn::Site site, const snn::SiteCounts& counts) {
    json entry = counts_json(counts);
    entry["layer"] = layer < ledger.layers() ? json(layer) : json(nullptr);
    entry["site"] = snn::site_name(site);
    object["sites"].push_back(std::move(entry));
  });
  return object;
}

std::string spikes_text(const snn::Ledger& ledger) {
  const snn::SiteCounts total = ledger.total();
  Table table({{"spikes"}, {"", Align::right}});
  table.add({"dense MACs", with_separators(total.macs)});
  table.add({"spike-driven additions", with_separators(total.additions)});
  table.add({"additions per MAC", fixed(ledger.additions_per_mac(), 4)});
  table.add({"spikes", with_separators(total.spikes)});
  table.add({"silent neurons", fixed(100.0 * share(total.silent, total.windows), 2) + "%"});
  table.add({"coverage", fixed(100.0 * ledger.coverage(), 2) + "%"});
  return table.str();
}

std::string sites_text(const snn::Ledger& ledger) {
  Table table({{"layer", Align::right},
               {"site"},
               {"MACs", Align::right},
               {"additions", Align::right},
               {"per MAC", Align::right},
               {"spikes/neuron", Align::right},
               {"silent", Align::right},
               {"full", Align::right}});
  for_sites(ledger, [&](std::int64_t layer, snn::Site site, const snn::SiteCounts& counts) {
    table.add({layer < ledger.layers() ? std::to_string(layer) : "", std::string(snn::site_name(site)),
               with_separators(counts.macs), with_separators(counts.additions),
               fixed(share(counts.additions, counts.macs), 3), fixed(share(counts.spikes, counts.windows), 3),
               fixed(100.0 * share(counts.silent, counts.windows), 1) + "%",
               fixed(100.0 * share(counts.saturated, counts.windows), 1) + "%"});
  });
  return table.str();
}

}  // namespace stac::cli
