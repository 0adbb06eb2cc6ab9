#include "stac/model/build_info.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>

#include <filesystem>
#include <fstream>

#include "model/sgemm.hpp"
#include "stac/model/torch_compat.hpp"

namespace stac::model {
namespace {

/// The BLAS library that the dynamic linker mapped; LibTorch from PyPI has its own inside.
std::string mapped_blas() {
  std::ifstream maps("/proc/self/maps");
  std::string chosen;
  for (std::string line; std::getline(maps, line);) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string file = std::filesystem::path(line.substr(slash)).filename().string();
    if (file.find("openblas") != std::string::npos || file.find("libmkl") != std::string::npos) return file;
    if (file.find("blas") != std::string::npos) chosen = file;
  }
  return chosen.empty() ? "built in" : chosen;
}

/// The CPU that OpenBLAS believes to run on; empty without OpenBLAS.
std::string openblas_core() {
  using CoreName = char* (*)();
  const auto core_name = reinterpret_cast<CoreName>(dlsym(RTLD_DEFAULT, "openblas_get_corename"));
  return core_name ? core_name() : "";
}

/// LibTorch says it in a line of its configuration, in every version alike.
std::string libtorch_instruction_set() {
  const std::string label = "CPU capability usage: ";
  const std::string config = at::show_config();
  const auto begin = config.find(label);
  if (begin == std::string::npos) return "unknown";
  return config.substr(begin + label.size(), config.find('\n', begin) - begin - label.size());
}

bool cpu_has_avx2() { return __builtin_cpu_supports("avx2") != 0; }

}  // namespace

BuildInfo build_info() {
  BuildInfo info;
  info.libtorch = libtorch_version();
  info.onednn = onednn_version();
  info.blas = mapped_blas();
  const std::string core = openblas_core();
  if (!core.empty()) info.blas += " (" + core + ")";
  info.instruction_set = libtorch_instruction_set();
  info.threads = at::get_num_threads();
  if (core == "Prescott" && cpu_has_avx2()) {
    info.advice =
        "OpenBLAS takes this CPU for a Prescott; small solves run faster with OPENBLAS_CORETYPE=Haswell set "
        "(SkylakeX where there is AVX-512)";
  } else if (info.blas.starts_with("libblas.so")) {
    info.advice = "LibTorch uses the reference BLAS; small solves run faster with libopenblas0-pthread installed";
  }
  return info;
}

}  // namespace stac::model
