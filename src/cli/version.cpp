#include "stac/version.hpp"

#include "stac/cli/tool.hpp"
#include "stac/model/build_info.hpp"
#include "stac/snn/kernel_info.hpp"

namespace stac::cli {

std::string version_text(const std::string& tool_name) {
  const model::BuildInfo info = model::build_info();
  std::string text = tool_name + " (STAC) " + kVersion + "\n";
  text += "LibTorch         " + info.libtorch + "\n";
  text += "BLAS             oneDNN " + info.onednn + "; LibTorch's own: " + info.blas + "\n";
  text +=
      "instruction set  LibTorch " + info.instruction_set + ", spiking kernels " + snn::kernel_instruction_set() + "\n";
  text += "threads          " + std::to_string(info.threads) + "\n";
  if (!info.advice.empty()) text += "advice           " + info.advice + "\n";
  return text;
}

}  // namespace stac::cli
