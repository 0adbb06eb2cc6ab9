#include "stac/eval/spike_recording.hpp"

#include <ATen/core/grad_mode.h>

namespace stac::eval {
namespace {

class Recorder final : public snn::TemporalProbe {
 public:
  explicit Recorder(const WatchedSite& watched) : watched_(watched) {}

  void spike(const snn::WindowPlace& where, int t, int sign) override {
    SpikeTable& table = recording_.spikes;
    table.layer.push_back(static_cast<std::int32_t>(where.site.layer));
    table.site.push_back(static_cast<std::uint8_t>(where.site.site));
    table.head.push_back(static_cast<std::int32_t>(where.head));
    table.token.push_back(static_cast<std::int32_t>(where.row));
    table.timestep.push_back(static_cast<std::uint8_t>(t));
    table.neuron.push_back(static_cast<std::int32_t>(where.neuron));
    table.sign.push_back(static_cast<std::int8_t>(sign));
  }
  void membrane(const snn::WindowPlace& where, int t, double before, double after, double level) override {
    if (where.site != watched_.where || where.head != watched_.head) return;
    recording_.membranes.push_back({where.row, where.neuron, t, before, after, level});
  }
  void work(snn::SiteId, const snn::SpikeWork&) override {}

  [[nodiscard]] SpikeRecording take() { return std::move(recording_); }

 private:
  WatchedSite watched_;
  SpikeRecording recording_;
};

}  // namespace

SpikeRecording record_spikes(const convert::OpenedModel& model, std::span<const std::int64_t> ids,
                             const WatchedSite& watched) {
  const at::NoGradGuard no_gradients;
  Recorder recorder(watched);
  const snn::SpikingModel network =
      model.network(model.plan(), snn::make_temporal_engine(recorder), model.config().storage);
  static_cast<void>(network.start()->append(ids, model::LogitRows::all));
  return recorder.take();
}

}  // namespace stac::eval
