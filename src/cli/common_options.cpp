#include "stac/cli/common_options.hpp"

#include <ATen/Context.h>
#include <sched.h>

#include <algorithm>
#include <limits>

#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::cli {

namespace {

// Those that the process may run on, which can be fewer than the machine has.
int usable_processors() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace

void CommonOptions::declare(FlagSet& flags) {
  flags.section("General");
  flags.optional_path("--json", json, "one JSON object, on stdout or whole or not at all in a file");
  flags.toggle("-q,--quiet", quiet, "results and errors only");
  flags.choice("--log-level", log_level, {"trace", "debug", "info", "warn", "error", "off"},
               "what stderr tells (default info)");
  flags.integer("-s,--seed", seed, {0, std::numeric_limits<std::int64_t>::max()},
                "seed of everything random (default 0)");
  flags.integer("-t,--threads", threads, {0, 1024}, "threads; 0: one per processor (default 0)");
  flags.choice("--device", device, {"cpu", "cuda"}, "where the model runs (default cpu)");
  flags.toggle("-h,--help", help, "this text");
  flags.toggle("--version", version, "versions of STAC, LibTorch and BLAS, and the instruction set in use");
}

void set_threads(const CommonOptions& options) {
  // Said outright: left alone, Debian's LibTorch takes half of the processors.
  model::set_threads(options.threads > 0 ? static_cast<int>(options.threads) : usable_processors());
}

void apply(const CommonOptions& options) {
  set_threads(options);
  if (options.json && !options.json->empty()) io::require_writable_file(*options.json);  // before the work, not after
}

bool wants_gpu(const CommonOptions& options) {
  if (options.device == "cuda" && !at::globalContext().hasCUDA()) {
    throw Error("--device cuda: this machine has no GPU that LibTorch can use", "leave the flag out to run on the CPU");
  }
  return options.device == "cuda";
}

}  // namespace stac::cli
