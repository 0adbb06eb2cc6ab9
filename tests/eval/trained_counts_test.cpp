// Every count of the energy report, on trained models of both families: what the temporal engine does, one by one, and
// what follows from the fused engine's tables.
#include <gtest/gtest.h>

#include <map>

#include "stac/energy/contender.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/snn/temporal_probe.hpp"
#include "support/test_paths.hpp"

namespace stac::eval {
namespace {

using convert::QuantizeChoice;

class WorkOfSites final : public snn::TemporalProbe {
 public:
  void gain(const snn::WindowPlace&, std::int64_t, float) override {}
  void spike(const snn::WindowPlace&, int, int) override {}
  void membrane(const snn::WindowPlace&, int, double, double, double) override {}
  void work(snn::SiteId site, const snn::SpikeWork& work) override { sites[site] += work; }

  std::map<snn::SiteId, snn::SpikeWork> sites;
};

snn::Ledger read(const convert::OpenedModel& model, std::unique_ptr<snn::Engine> engine,
                 const std::vector<std::int64_t>& ids) {
  const snn::SpikingModel network = model.network(model.plan(), std::move(engine), model::Storage{});
  const auto sequence = network.start_spiking();
  static_cast<void>(sequence->append(ids, model::LogitRows::all));
  return sequence->ledger();
}

void expect_equal_counts(const std::filesystem::path& folder, const convert::ConversionOptions& options) {
  convert::ModelRequest request;
  request.model = folder.string();
  request.options = options;
  const convert::OpenedModel model = convert::open_model(request);
  const std::vector<std::int64_t> ids = random_windows(model.config().vocab_size, 24, 1, 9).windows.front();
  WorkOfSites counted;
  const snn::Ledger temporal = read(model, snn::make_temporal_engine(counted), ids);
  const snn::Ledger fused = read(model, snn::make_engine(snn::EngineKind::fused), ids);
  EXPECT_EQ(temporal, fused);
  const energy::TextsRead texts{{24}};
  const energy::SpikingRun run{model.config(), model.plan(), fused, texts};
  snn::for_each_site(model.config().layers, [&](std::int64_t layer, snn::Site site) {
    EXPECT_EQ(energy::site_work(run, {layer, site}), (counted.sites[{layer, site}]))
        << snn::site_name(site) << " of layer " << layer;
  });
}

std::vector<convert::ConversionOptions> conversions() {
  return {{.code = {8, 2}, .quantize = QuantizeChoice::int8},
          {.code = {4, 3}, .quantize = QuantizeChoice::int8, .simplified = true},
          {.code = {8, 2, snn::CodeKind::rate}, .quantize = QuantizeChoice::int8},
          {.code = {8, 2, snn::CodeKind::lif, 4.0}, .quantize = QuantizeChoice::int8}};
}

TEST(TrainedCounts, OfStacTinyWithInt8WeightsAreEqualInBothEngines) {
  for (const auto& options : conversions()) expect_equal_counts(testing::source_root() / "models/stac-tiny", options);
}

TEST(TrainedCounts, OfStories260KWithInt8WeightsAreEqualInBothEngines) {
  const auto folder = testing::shared_data("models/stories260K");
  if (!folder) GTEST_SKIP() << "stories260K is not on this machine";
  for (const auto& options : conversions()) expect_equal_counts(*folder, options);
}

}  // namespace
}  // namespace stac::eval
