// What computes here: for --version and for the reports' headers.
#pragma once
#include <string>

namespace stac::model {

struct BuildInfo {
  std::string libtorch;  ///< "1.13.1"
  std::string onednn;    ///< "2.6.3", the library behind matmul.hpp
  std::string
      blas;  ///< LibTorch's own BLAS as mapped into this process: "libopenblasp-r0.3.21.so (Zen)", or "built in"
  std::string instruction_set;  ///< what LibTorch's kernels use: "AVX2", "AVX512", "DEFAULT"
  int threads = 1;
  /// Empty, or what is slow about this set-up and how to change it.
  std::string advice;
};

[[nodiscard]] BuildInfo build_info();

}  // namespace stac::model
