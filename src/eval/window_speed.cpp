#include "stac/eval/window_speed.hpp"

namespace stac::eval {

std::vector<WindowSpeed> measure_window_speed(const convert::OpenedModel& model, const SpeedPlan& plan,
                                              const Progress& progress) {
  std::vector<WindowSpeed> measured{{snn::CodeKind::phase, 4, 12}, {snn::CodeKind::rate, 4, 32}};
  for (WindowSpeed& window : measured) {
    const auto at = [&](int timesteps) {
      return model.calibrate_timesteps({.timesteps = timesteps, .kind = window.kind, .group = 0});
    };
    const convert::OpenedModel shorter = at(window.shorter), longer = at(window.longer);
    const Speed speed =
        measure_speed(longer.spiking(snn::EngineKind::fused), &shorter.spiking(snn::EngineKind::fused), plan, progress);
    window.prefill_time = speed.dense->prefill.median / speed.spiking.prefill.median;
    window.decode_time = speed.dense->decode.median / speed.spiking.decode.median;
  }
  return measured;
}

}  // namespace stac::eval
