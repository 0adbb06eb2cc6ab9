// Kernels on every instruction set that they are compiled for and this machine has.
#pragma once
#include <gtest/gtest.h>

#include <cstdint>

#include "snn/vector_targets.hpp"
// after vector_targets
#include <hwy/targets.h>

namespace stac::snn {

template <typename Check>
void on_every_target(const Check& check) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    SCOPED_TRACE(hwy::TargetName(target));
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace stac::snn
