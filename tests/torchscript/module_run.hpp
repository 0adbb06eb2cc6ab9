// Exported modules as a user has them: saved, loaded by plain torch::jit::load, run.
#pragma once
#include <torch/script.h>

#include <sstream>

namespace stac::torchscript {

inline torch::jit::Module reloaded(const torch::jit::Module& module) {
  std::stringstream stream;
  module.save(stream);
  return torch::jit::load(stream);
}

}  // namespace stac::torchscript
