// Where the time of reading a prompt and of decoding goes.
#pragma once
#include "stac/convert/opened_model.hpp"
#include "stac/eval/speed.hpp"
#include "stac/snn/kernel_clock.hpp"

namespace stac::eval {

/// Mean over the repetitions.
struct SpeedProfile {
  snn::KernelSeconds prefill{};  ///< of the prompt
  snn::KernelSeconds decode{};   ///< of all tokens behind it
};

/// Of a network of the model's weights and plan on the fused engine with a clock, on random ids.
/// @throws stac::UsageError  more tokens than the model has positions
[[nodiscard]] SpeedProfile measure_speed_profile(const convert::OpenedModel& model, const SpeedPlan& plan,
                                                 const Progress& progress = {});

}  // namespace stac::eval
