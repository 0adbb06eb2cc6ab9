// What this version does not have yet.
#include "check_list.hpp"

namespace stac::eval {

CheckResult check_mixed_precision(CheckRun&) {
  return skipped("this build stores membranes and caches in f32 alone: it has no --dtype");
}

CheckResult check_torchscript(CheckRun&) {
  return skipped("nothing was exported: this build has no TorchScript export");
}

}  // namespace stac::eval
