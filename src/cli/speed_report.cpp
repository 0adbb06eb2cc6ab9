#include "stac/cli/bench_report.hpp"
#include "stac/cli/storage_flags.hpp"
#include "stac/cli/table.hpp"
#include "stac/io/byte_text.hpp"

namespace stac::cli {
namespace {

using nlohmann::json;

json rate_json(const eval::ModelSpeed& speed, std::uint64_t bytes) {
  return {{"prefill_tokens_per_second", speed.prefill.median},
          {"prefill_range", {speed.prefill.least, speed.prefill.most}},
          {"decode_tokens_per_second", speed.decode.median},
          {"decode_range", {speed.decode.least, speed.decode.most}},
          {"first_token_seconds", speed.first_token.median},
          {"first_token_range", {speed.first_token.least, speed.first_token.most}},
          {"decode_bytes_per_token", bytes},
          {"decode_gigabytes_per_second", static_cast<double>(bytes) * speed.decode.median * 1e-9}};
}

std::string rate_text(const eval::Rate& rate, int digits) {
  return fixed(rate.median, digits) + " (" + fixed(rate.least, digits) + " to " + fixed(rate.most, digits) + ")";
}

void add_model(Table& table, const std::string& name, const eval::ModelSpeed& speed, std::uint64_t bytes) {
  table.add({name, rate_text(speed.prefill, 1), rate_text(speed.decode, 1), fixed(speed.first_token.median, 3),
             fixed(static_cast<double>(bytes) * speed.decode.median * 1e-9, 1)});
}

}  // namespace

json matmul_json(double gflops, int threads) {
  return {{"gflops", gflops}, {"shape", {512, 768, 3072}}, {"dtype", "f32"}, {"threads", threads}};
}

std::string matmul_text(double gflops, int threads) {
  return "f32 product 512x768x3072: " + fixed(gflops, 1) + " GFLOP/s on " + std::to_string(threads) + " threads\n";
}

json speed_json(const eval::Speed& speed, const eval::SpeedPlan& plan, const SpeedSetting& setting) {
  json object = {{"prompt_tokens", plan.prompt_tokens},
                 {"gen_tokens", plan.gen_tokens},
                 {"repetitions", plan.repetitions},
                 {"threads", setting.threads},
                 {"load_seconds", setting.load_seconds},
                 {"peak_bytes", setting.peak_bytes},
                 {"memory_gigabytes_per_second", setting.memory_bandwidth * 1e-9},
                 {"spiking", rate_json(speed.spiking, setting.spiking_bytes)},
                 {"dense", nullptr},
                 {"ratio", nullptr}};
  if (!speed.dense) return object;
  object["dense"] = rate_json(*speed.dense, setting.dense_bytes);
  object["ratio"] = {{"prefill", speed.spiking.prefill.median / speed.dense->prefill.median},
                     {"decode", speed.spiking.decode.median / speed.dense->decode.median}};
  return object;
}

std::string speed_text(const eval::Speed& speed, const eval::SpeedPlan& plan, const SpeedSetting& setting) {
  Table table({{"tokens per second"},
               {"prefill of " + std::to_string(plan.prompt_tokens), Align::right},
               {"decode of " + std::to_string(plan.gen_tokens), Align::right},
               {"first, s", Align::right},
               {"GB/s", Align::right}});
  add_model(table, "spiking", speed.spiking, setting.spiking_bytes);
  if (speed.dense) {
    add_model(table, "dense LibTorch f32", *speed.dense, setting.dense_bytes);
    table.add({"spiking / dense", fixed(speed.spiking.prefill.median / speed.dense->prefill.median, 3),
               fixed(speed.spiking.decode.median / speed.dense->decode.median, 3), "", ""});
  }
  return table.str() + "median (least to most) of " + std::to_string(plan.repetitions) +
         (speed.dense ? ", alternating" : "") + ", random ids, " + std::to_string(setting.threads) + " threads" +
         storage_remark(setting.storage) + "\nGB/s: weights that decoding reads; a probe of this memory reads " +
         fixed(setting.memory_bandwidth * 1e-9, 1) + "\nload " + fixed(setting.load_seconds, 2) + " s; most memory " +
         io::byte_text(setting.peak_bytes) + "\n";
}

json batch_speed_json(const eval::BatchSpeed& speed, const eval::SpeedPlan& plan, int threads) {
  const auto rate = [](const eval::Rate& one) -> json {
    return {{"tokens_per_second", one.median}, {"range", {one.least, one.most}}};
  };
  return {{"conversations", speed.conversations},
          {"prompt_tokens", plan.prompt_tokens},
          {"gen_tokens", plan.gen_tokens},
          {"repetitions", plan.repetitions},
          {"threads", threads},
          {"one", rate(speed.one)},
          {"together", rate(speed.together)},
          {"ratio", speed.ratio()}};
}

std::string batch_speed_text(const eval::BatchSpeed& speed, const eval::SpeedPlan& plan, int threads,
                             const model::Storage& storage) {
  const std::string several = std::to_string(speed.conversations);
  Table table({{"tokens per second"}, {"decode of " + std::to_string(plan.gen_tokens), Align::right}});
  table.add({"one conversation", rate_text(speed.one, 1)});
  table.add({several + " in one forward", rate_text(speed.together, 1)});
  table.add({several + " / one", fixed(speed.ratio(), 2)});
  return table.str() + "median (least to most) of " + std::to_string(plan.repetitions) + ", alternating, behind " +
         std::to_string(plan.prompt_tokens) + " random ids each, " + std::to_string(threads) + " threads" +
         storage_remark(storage) + "\n";
}

json window_speed_json(const std::vector<eval::WindowSpeed>& measured) {
  json list = json::array();
  for (const eval::WindowSpeed& one : measured) {
    list.push_back({{"code", snn::code_kind_name(one.kind)},
                    {"timesteps", one.longer},
                    {"over_timesteps", one.shorter},
                    {"prefill_time", one.prefill_time},
                    {"decode_time", one.decode_time}});
  }
  return list;
}

std::string window_speed_text(const std::vector<eval::WindowSpeed>& measured) {
  Table table({{"time of a longer window"}, {"prefill", Align::right}, {"decode", Align::right}});
  for (const eval::WindowSpeed& one : measured) {
    table.add({std::string(snn::code_kind_name(one.kind)) + ", T = " + std::to_string(one.longer) +
                   " over T = " + std::to_string(one.shorter),
               fixed(one.prefill_time, 3), fixed(one.decode_time, 3)});
  }
  return table.str();
}

}  // namespace stac::cli
