#include "stac/cli/profile_report.hpp"

#include <numeric>

#include "stac/cli/table.hpp"

namespace stac::cli {
namespace {

using nlohmann::json;

json kernels_json(const snn::KernelSeconds& seconds) {
  json object;
  for (const snn::Kernel kernel : snn::kKernels) {
    object[std::string(snn::kernel_name(kernel))] = seconds[static_cast<std::size_t>(kernel)];
  }
  return object;
}

std::string cell(double seconds, double total) {
  return fixed(seconds * 1e3, 2) + " (" + fixed(100.0 * seconds / total, 1) + "%)";
}

}  // namespace

json profile_json(const eval::SpeedProfile& profile, const eval::SpeedPlan& plan) {
  return {{"prompt_tokens", plan.prompt_tokens},
          {"gen_tokens", plan.gen_tokens},
          {"prefill", kernels_json(profile.prefill)},
          {"decode", kernels_json(profile.decode)}};
}

std::string profile_text(const eval::SpeedProfile& profile, const eval::SpeedPlan& plan) {
  const auto total = [](const snn::KernelSeconds& seconds) {
    return std::accumulate(seconds.begin(), seconds.end(), 0.0);
  };
  const double prefill = total(profile.prefill), decode = total(profile.decode);
  Table table({{"milliseconds of the calling thread"},
               {"prefill of " + std::to_string(plan.prompt_tokens), Align::right},
               {"decode of " + std::to_string(plan.gen_tokens), Align::right}});
  for (const snn::Kernel kernel : snn::kKernels) {
    const auto i = static_cast<std::size_t>(kernel);
    table.add(
        {std::string(snn::kernel_name(kernel)), cell(profile.prefill[i], prefill), cell(profile.decode[i], decode)});
  }
  table.add({"all", cell(prefill, prefill), cell(decode, decode)});
  return table.str();
}

}  // namespace stac::cli
