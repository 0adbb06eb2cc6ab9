// What a window costs as it grows: the same model retargeted in memory to short and to long windows, in turn.
#pragma once
#include <string>
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/speed.hpp"

namespace stac::eval {

struct WindowSpeed {
  snn::CodeKind kind = snn::CodeKind::phase;
  int shorter = 0;            ///< T
  int longer = 0;             ///< T
  double prefill_time = 0.0;  ///< of the longer windows over the shorter ones, of medians
  double decode_time = 0.0;
};

/// T = 12 over T = 4 of the phase code, T = 32 over T = 4 of the rate code, without groups of channels.
/// @throws stac::UsageError  a model that cannot be retargeted so (retarget.hpp); as measure_speed
[[nodiscard]] std::vector<WindowSpeed> measure_window_speed(const convert::OpenedModel& model, const SpeedPlan& plan,
                                                            const Progress& progress = {});

}  // namespace stac::eval
