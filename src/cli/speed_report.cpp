#include "stac/cli/bench_report.hpp"
#include "stac/cli/table.hpp"

namespace stac::cli {
namespace {

using nlohmann::json;

json rate_json(const eval::ModelSpeed& speed) {
  return {{"prefill_tokens_per_second", speed.prefill.median},
          {"prefill_range", {speed.prefill.least, speed.prefill.most}},
          {"decode_tokens_per_second", speed.decode.median},
          {"decode_range", {speed.decode.least, speed.decode.most}}};
}

std::string rate_text(const eval::Rate& rate) {
  return fixed(rate.median, 1) + " (" + fixed(rate.least, 1) + " to " + fixed(rate.most, 1) + ")";
}

}  // namespace

json matmul_json(double gflops, int threads) {
  return {{"gflops", gflops}, {"shape", {512, 768, 3072}}, {"dtype", "f32"}, {"threads", threads}};
}

std::string matmul_text(double gflops, int threads) {
  return "f32 product 512x768x3072: " + fixed(gflops, 1) + " GFLOP/s on " + std::to_string(threads) + " threads\n";
}

json speed_json(const eval::Speed& speed, const eval::SpeedPlan& plan) {
  json object = {{"prompt_tokens", plan.prompt_tokens},
                 {"gen_tokens", plan.gen_tokens},
                 {"repetitions", plan.repetitions},
                 {"spiking", rate_json(speed.spiking)},
                 {"dense", nullptr},
                 {"ratio", nullptr}};
  if (!speed.dense) return object;
  object["dense"] = rate_json(*speed.dense);
  object["ratio"] = {{"prefill", speed.spiking.prefill.median / speed.dense->prefill.median},
                     {"decode", speed.spiking.decode.median / speed.dense->decode.median}};
  return object;
}

std::string speed_text(const eval::Speed& speed, const eval::SpeedPlan& plan) {
  Table table({{"tokens per second (range)"},
               {"prefill of " + std::to_string(plan.prompt_tokens), Align::right},
               {"decode of " + std::to_string(plan.gen_tokens), Align::right}});
  table.add({"spiking", rate_text(speed.spiking.prefill), rate_text(speed.spiking.decode)});
  if (!speed.dense) return table.str();
  table.add({"dense LibTorch f32", rate_text(speed.dense->prefill), rate_text(speed.dense->decode)});
  table.add({"spiking / dense", fixed(speed.spiking.prefill.median / speed.dense->prefill.median, 3),
             fixed(speed.spiking.decode.median / speed.dense->decode.median, 3)});
  return table.str() + "median of " + std::to_string(plan.repetitions) + ", alternating, random ids\n";
}

}  // namespace stac::cli
