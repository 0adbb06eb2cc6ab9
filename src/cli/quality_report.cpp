#include "stac/cli/bench_report.hpp"
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

std::string count(std::int64_t number) { return with_separators(static_cast<unsigned long long>(number)); }

}  // namespace

json model_json(const convert::OpenedModel& model) {
  const snn::Code& code = model.options().code;
  return {{"model", {{"name", model.name()}, {"folder", model.folder().string()}}},
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
                  {"top1_agreement", nullptr}};
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
  table.add({"same top-1 token", "", fixed(100.0 * fidelity.top1_agreement, 2) + "%", ""});
  table.add({"distinct predictions", count(fidelity.dense.distinct_predictions),
             count(fidelity.spiking.distinct_predictions), ""});
  return lines + table.str();
}

}  // namespace stac::cli
