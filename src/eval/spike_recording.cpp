#include "stac/eval/spike_recording.hpp"

#include <ATen/core/grad_mode.h>

namespace stac::eval {
namespace {

class Recorder final : public snn::TemporalProbe {
 public:
  explicit Recorder(const WatchedSite& watched) : watched_(watched) {}

  void gain(const snn::WindowPlace& first, std::int64_t count, float scale) override {
    GainTable& table = recording_.gains;
    table.layer.push_back(static_cast<std::int32_t>(first.site.layer));
    table.site.push_back(static_cast<std::uint8_t>(first.site.site));
    table.head.push_back(static_cast<std::int32_t>(first.head));
    table.token.push_back(static_cast<std::int32_t>(first.row));
    table.first.push_back(static_cast<std::int32_t>(first.neuron));
    table.count.push_back(static_cast<std::int32_t>(count));
    table.scale.push_back(scale);
  }
  void spike(const snn::WindowPlace& where, int t, int sign) override {
    SpikeTable& table = recording_.spikes;
    table.layer.push_back(static_cast<std::int32_t>(where.site.layer));
    table.site.push_back(static_cast<std::uint8_t>(where.site.site));
    table.head.push_back(static_cast<std::int32_t>(where.head));
    table.token.push_back(static_cast<std::int32_t>(where.row));
    table.timestep.push_back(static_cast<std::uint8_t>(t));
    table.neuron.push_back(static_cast<std::int32_t>(where.neuron));
    table.sign.push_back(static_cast<std::int8_t>(sign));
    table.gain.push_back(static_cast<std::int32_t>(recording_.gains.size()) - 1);
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
