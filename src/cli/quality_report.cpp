#include "stac/cli/bench_report.hpp"
#include "stac/cli/storage_flags.hpp"
#include "stac/cli/table.hpp"

namespace stac::cli {
namespace {

using nlohmann::json;

json interval_json(const std::optional<eval::Interval>& interval) {
  return interval ? json::array({interval->low, interval->high}) : json(nullptr);
}

std::string interval_text(const std::optional<eval::Interval>& interval, int digits) {
  if (!interval) return "";
  return "95%: " + fixed(interval->low, digits) + " to " + fixed(interval->high, digits);
}

std::optional<eval::Interval> in_percent(const std::optional<eval::Interval>& interval) {
  if (!interval) return std::nullopt;
  return eval::Interval{100.0 * interval->low, 100.0 * interval->high};
}

std::string count(std::int64_t number) { return with_separators(static_cast<unsigned long long>(number)); }

}  // namespace

json model_json(const convert::OpenedModel& model) {
  const snn::Code& code = model.options().code;
  return {{"model", {{"name", model.name()}, {"folder", model.folder().string()}}},
          {"storage", storage_json(model.config().storage)},
          {"timesteps", code.timesteps},
          {"code", snn::code_kind_name(code.kind)},
          {"base", code.base}};
}

json quality_json(const eval::Quality& quality, const eval::TokenWindows& text, const std::filesystem::path& file) {
  json spiking = {{"perplexity", quality.spiking.perplexity},
                  {"distinct_predictions", quality.spiking.distinct_predictions},
                  {"ratio", nullptr},
                  {"ratio_interval", nullptr},
                  {"kl", nullptr},
                  {"kl_interval", nullptr},
                  {"top1_agreement", nullptr},
                  {"top1_interval", nullptr},
                  {"top5_agreement", nullptr},
                  {"top5_interval", nullptr}};
  json object = {{"dense", nullptr}};
  if (quality.fidelity) {
    const eval::Fidelity& fidelity = *quality.fidelity;
    object["dense"] = {{"perplexity", fidelity.dense.perplexity},
                       {"distinct_predictions", fidelity.dense.distinct_predictions}};
    spiking["ratio"] = fidelity.ratio;
    spiking["ratio_interval"] = interval_json(fidelity.ratio_interval);
    spiking["kl"] = fidelity.kl;
    spiking["kl_interval"] = interval_json(fidelity.kl_interval);
    spiking["top1_agreement"] = fidelity.top1_agreement;
    spiking["top1_interval"] = interval_json(fidelity.top1_interval);
    spiking["top5_agreement"] = fidelity.top5_agreement;
    spiking["top5_interval"] = interval_json(fidelity.top5_interval);
  } else {
    object["dense_missing_reason"] = quality.dense_missing_reason;
  }
  object["spiking"] = std::move(spiking);
  object["text"] = {{"file", file.string()},
                    {"windows", text.windows.size()},
                    {"context", text.context},
                    {"bos", text.bos},
                    {"scored_tokens", quality.spiking.scored_tokens}};
  return object;
}

std::string quality_text(const eval::Quality& quality, const eval::TokenWindows& text,
                         const std::filesystem::path& file) {
  std::string lines = "text: " + file.string() + "\n      " + std::to_string(text.windows.size()) + " windows of " +
                      std::to_string(text.context) + " tokens" + (text.bos ? " with BOS" : "") + ", " +
                      count(quality.spiking.scored_tokens) + " scored\n\n";
  Table table({{"quality"}, {"dense", Align::right}, {"spiking", Align::right}, {""}});
  if (!quality.fidelity) {
    table.add({"perplexity", "-", fixed(quality.spiking.perplexity, 4), ""});
    table.add({"distinct predictions", "-", count(quality.spiking.distinct_predictions), ""});
    return lines + table.str() + "\nno dense figures: " + quality.dense_missing_reason + "\n";
  }
  const eval::Fidelity& fidelity = *quality.fidelity;
  table.add({"perplexity", fixed(fidelity.dense.perplexity, 4), fixed(fidelity.spiking.perplexity, 4),
             signed_percent(fidelity.ratio - 1.0, 3)});
  table.add({"ratio", "", fixed(fidelity.ratio, 5), interval_text(fidelity.ratio_interval, 5)});
  table.add({"KL(dense || spiking), nats", "", fixed(fidelity.kl, 6), interval_text(fidelity.kl_interval, 6)});
  table.add({"same top-1 token, %", "", fixed(100.0 * fidelity.top1_agreement, 2),
             interval_text(in_percent(fidelity.top1_interval), 2)});
  table.add({"dense top-1 token among its five, %", "", fixed(100.0 * fidelity.top5_agreement, 2),
             interval_text(in_percent(fidelity.top5_interval), 2)});
  table.add({"distinct predictions", count(fidelity.dense.distinct_predictions),
             count(fidelity.spiking.distinct_predictions), ""});
  return lines + table.str();
}

json layers_json(const std::vector<double>& errors) {
  json layers = json::array();
  for (const double error : errors) layers.push_back({{"relative_error", error}});
  return layers;
}

std::string layers_text(const std::vector<double>& errors) {
  std::size_t worst = 0;
  const auto added = [&](std::size_t layer) { return layer == 0 ? errors[0] : errors[layer] - errors[layer - 1]; };
  std::string all;
  for (std::size_t layer = 0; layer < errors.size(); ++layer) {
    if (added(layer) > added(worst)) worst = layer;
    all += (layer == 0 ? "" : ", ") + fixed(errors[layer], 4);
  }
  std::string text;
  for (const std::string& line : wrap("relative error of the residual stream behind each layer: " + all + "; layer " +
                                          std::to_string(worst) + " adds most",
                                      kReportColumns)) {
    text += line + "\n";
  }
  return text;
}

}  // namespace stac::cli
