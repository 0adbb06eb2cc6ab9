#include "stac/report/page.hpp"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "report/axis.hpp"
#include "report/html_table.hpp"
#include "report/page_style.hpp"
#include "stac/report/plots.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

std::string text_of(const json& value) {
  if (value.is_number_float()) return short_number(value.get<double>());
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "\xE2\x80\x93" : value.dump();
}

/// 1234567 -> "1,234,567"
std::string counted(const json& value) {
  std::string digits = value.dump();
  for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, ",");
  return digits;
}

/// With so many digits behind the point.
std::string fixed_of(const json& value, int digits) {
  if (!value.is_number()) return "\xE2\x80\x93";
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value.get<double>());
  return buffer;
}

std::string range_of(const json& interval) {
  return interval.is_array() ? text_of(interval[0]) + " to " + text_of(interval[1]) : "\xE2\x80\x93";
}

std::string fixed_range(const json& interval, int digits) {
  if (!interval.is_array()) return "\xE2\x80\x93";
  return fixed_of(interval[0], digits) + " to " + fixed_of(interval[1], digits);
}

std::string heading(const std::string& title) { return "<h2>" + escaped(title) + "</h2>\n"; }

std::string paragraph(const std::string& text) { return "<p>" + escaped(text) + "</p>\n"; }

std::string figure(const Plot& plot) {
  return "<figure><h3>" + escaped(plot.title) + "</h3><div class=\"wide\">" + plot.drawing.inline_text() +
         "</div><figcaption>" + escaped(plot.caption) + "</figcaption></figure>\n";
}

std::string figures(const std::vector<Plot>& plots) {
  std::string text;
  for (const Plot& plot : plots) text += figure(plot);
  return text;
}

std::string quality_section(const json& report) {
  const json& spiking = report.at("spiking");
  const json dense = report.at("dense").is_null() ? json::object() : report.at("dense");
  const auto of_dense = [&](const char* key, int digits) {
    return dense.contains(key) ? fixed_of(dense.at(key), digits) : "\xE2\x80\x93";
  };
  HtmlTable table({"quality", "dense source", "spiking", "95% interval"});
  const auto add_ratio = [&](const char* what, const char* key, const char* interval, int digits) {
    table.add({what, "", fixed_of(spiking.at(key), digits), fixed_range(spiking.at(interval), digits)});
  };
  table.add({"perplexity", of_dense("perplexity", 4), fixed_of(spiking.at("perplexity"), 4), ""});
  add_ratio("perplexity, spiking / dense", "ratio", "ratio_interval", 4);
  add_ratio("KL(dense || spiking), nats", "kl", "kl_interval", 5);
  add_ratio("same most likely token", "top1_agreement", "top1_interval", 4);
  add_ratio("dense model's token among the five most likely", "top5_agreement", "top5_interval", 4);
  table.add(
      {"distinct predictions", of_dense("distinct_predictions", 0), text_of(spiking.at("distinct_predictions")), ""});
  const json& text = report.at("text");
  return heading("Is it still the model?") + table.str() +
         paragraph("Text: " + std::filesystem::path(text.at("file").get<std::string>()).filename().string() + ", " +
                   text.at("windows").dump() + " windows of " + text.at("context").dump() + " tokens.") +
         (report.contains("layers") ? figures(error_plots(report.at("layers"))) : "");
}

std::string energy_section(const json& energy) {
  const double tokens = energy.at("tokens").get<double>();
  HtmlTable totals(
      {"microjoules a token", "products", "compute", "with memory", "spikes / it: products", "compute", "with memory"});
  for (const json& contender : energy.at("contenders")) {
    std::vector<std::string> cells{contender.at("name").get<std::string>()};
    for (const char* total : {"products", "compute", "with_memory"}) {
      cells.push_back(short_number(contender.at(total).get<double>() * 1e-6 / tokens));
    }
    for (const char* total : {"products", "compute", "with_memory"}) {
      cells.push_back(cells[0] == "spikes" ? "" : short_number(contender.at("spikes_over_it").at(total).get<double>()));
    }
    totals.add(cells);
  }
  const json& form = energy.at("closed_form");
  return heading("What would it save, and against what?") + paragraph(energy.at("verdict").get<std::string>()) +
         figures(energy_plots(energy)) + totals.str() +
         paragraph("The closed form of the Python project of this name, T (rho f r + 1 - f), gives " +
                   text_of(form.at("ratio")) + " of dense f32; counted: " + text_of(form.at("counted")) + ". " +
                   form.at("explanation").get<std::string>());
}

std::string site_table(const json& spikes) {
  HtmlTable table(
      {"layer, site", "MACs", "additions", "additions / MAC", "spikes / neuron", "silent, %", "at full scale, %"});
  for (const json& site : spikes.at("sites")) {
    const double windows = std::max(1.0, site.at("windows").get<double>());
    const std::string layer = site.at("layer").is_null() ? "" : site.at("layer").dump() + ", ";
    table.add({layer + site.at("site").get<std::string>(), counted(site.at("macs")), counted(site.at("additions")),
               text_of(site.at("per_activation")), short_number(site.at("spikes").get<double>() / windows),
               short_number(100.0 * site.at("silent").get<double>() / windows),
               short_number(100.0 * site.at("saturated").get<double>() / windows)});
  }
  return table.str();
}

std::string spike_section(const json& report) {
  const json& spikes = report.at("spikes");
  std::string text = heading("What did its neurons do?") + figures(rate_plots(spikes));
  if (report.contains("raster")) text += figures(spike_plots(report.at("raster")));
  return text + "<details><summary>Every layer and site</summary>" + site_table(spikes) + "</details>\n";
}

std::string operation_section(const json& operations) {
  HtmlTable table({"operation", "in all", "a token"});
  const double tokens = operations.at("tokens").get<double>();
  for (const auto& [name, count] : operations.at("total").items()) {
    if (name == "firing_rate") continue;
    table.add({name, counted(count), short_number(count.get<double>() / tokens)});
  }
  for (const auto& [what, counts] : operations.at("non_spiking").items()) {
    for (const auto& [name, count] : counts.items()) {
      table.add({what + ": " + name, counted(count), short_number(count.get<double>() / tokens)});
    }
  }
  return "<details><summary>Every operation</summary>" + table.str() + "</details>\n";
}

std::string figure_section(const json& energy) {
  HtmlTable table({"operation", "pJ", "source"});
  for (const auto& [name, entry] : energy.at("figures").items()) {
    table.add({name, text_of(entry.at("picojoules")), entry.at("source").get<std::string>()});
  }
  return "<details><summary>Prices, and where they are from</summary>" + table.str() + "</details>\n";
}

std::string sweep_section(const json& sweep) {
  HtmlTable table({"point", "perplexity ratio", "KL", "same token", "additions / MAC", "T", "SynOps / f32",
                   "with memory / f32", "seconds", "front"});
  for (const json& point : sweep.at("points")) {
    const bool spikes = point.at("on_spike_front").get<bool>(), time = point.at("on_time_front").get<bool>();
    table.add({point.at("name").get<std::string>(), fixed_of(point.at("ratio"), 4), text_of(point.at("kl")),
               text_of(point.at("top1_agreement")), text_of(point.at("additions_per_mac")),
               text_of(point.at("timesteps")), text_of(point.at("energy_ratio")),
               text_of(point.at("energy_ratios").at("dense f32").at("with_memory")), text_of(point.at("seconds")),
               spikes && time ? "spikes, time"
               : spikes       ? "spikes"
               : time         ? "time"
                              : ""});
  }
  return heading("Other codes") + figures(sweep_plots(sweep)) + table.str();
}

std::string kernel_table(const json& times) {
  HtmlTable table({"microseconds a token", "prefill", "share, %", "decode", "share, %"});
  const auto whole = [&](const char* phase) {
    double sum = 0.0;
    for (const auto& seconds : times.at(phase)) sum += seconds.get<double>();
    return sum;
  };
  const double all_prefill = whole("prefill"), all_decode = whole("decode");
  const auto add = [&](const std::string& name, double prefill, double decode) {
    table.add({name, short_number(1e6 * prefill / times.at("prompt_tokens").get<double>()),
               short_number(all_prefill > 0.0 ? 100.0 * prefill / all_prefill : 0.0),
               short_number(1e6 * decode / times.at("gen_tokens").get<double>()),
               short_number(all_decode > 0.0 ? 100.0 * decode / all_decode : 0.0)});
  };
  for (const auto& [kernel, seconds] : times.at("prefill").items()) {
    add(kernel, seconds.get<double>(), times.at("decode").at(kernel).get<double>());
  }
  add("all", all_prefill, all_decode);
  return table.str();
}

std::string model_speed(const json& report) {
  const std::pair<const char*, const char*> lines[] = {
      {"prefill, tokens a second", "prefill_tokens_per_second"},
      {"prefill, least to most", "prefill_range"},
      {"decode, tokens a second", "decode_tokens_per_second"},
      {"decode, least to most", "decode_range"},
      {"first token, seconds", "first_token_seconds"},
      {"first token, least to most", "first_token_range"},
      {"weights a decoded token reads, bytes", "decode_bytes_per_token"},
      {"weights read, GB/s", "decode_gigabytes_per_second"}};
  const auto shown = [](const json& side, const char* key) {
    if (!side.is_object() || !side.contains(key)) return std::string("\xE2\x80\x93");
    const json& value = side.at(key);
    if (value.is_array()) return range_of(value);
    return value.is_number_integer() ? counted(value) : text_of(value);
  };
  const json& speed = report.at("speed");
  HtmlTable table({"speed", "spiking", "dense LibTorch f32"});
  for (const auto& [name, key] : lines)
    table.add({name, shown(speed.at("spiking"), key), shown(speed.at("dense"), key)});
  if (!report.contains("kernel_times")) return table.str();
  const json& times = report.at("kernel_times");
  return table.str() + figures(profile_plots(times)) + kernel_table(times);
}

std::string batch_table(const json& speed) {
  const std::string several = text_of(speed.at("conversations")) + " conversations in one forward";
  HtmlTable table({"decode of " + text_of(speed.at("gen_tokens")) + " behind " + text_of(speed.at("prompt_tokens")) +
                       " random ids each, " + text_of(speed.at("threads")) + " threads",
                   "tokens a second, median of " + text_of(speed.at("repetitions")), "least to most", "of one"});
  const auto add = [&](const std::string& name, const json& rate, const json& ratio) {
    table.add({name, text_of(rate.at("tokens_per_second")), range_of(rate.at("range")), fixed_of(ratio, 2)});
  };
  add("one conversation", speed.at("one"), 1.0);
  add(several, speed.at("together"), speed.at("ratio"));
  return table.str();
}

std::string window_table(const json& windows) {
  HtmlTable table({"time of a longer window", "prefill", "decode"});
  for (const json& one : windows) {
    table.add({one.at("code").get<std::string>() + ", T = " + text_of(one.at("timesteps")) + " over " +
                   text_of(one.at("over_timesteps")),
               fixed_of(one.at("prefill_time"), 3), fixed_of(one.at("decode_time"), 3)});
  }
  return table.str();
}

/// Empty where no speed was measured.
std::string speed_section(const json& report) {
  std::string tables;
  if (report.contains("speed")) tables += model_speed(report);
  if (report.contains("batch_speed")) tables += batch_table(report.at("batch_speed"));
  if (report.contains("window_speed")) tables += window_table(report.at("window_speed"));
  return tables.empty() ? "" : heading("How fast is it here?") + tables;
}

}  // namespace

std::string page(const json& report) {
  const std::string name = report.contains("model") ? report.at("model").at("name").get<std::string>() : "stac-bench";
  std::string body = "<h1>" + escaped(name) + "</h1>\n<p class=\"summary\">" + escaped(summary(report)) + "</p>\n";
  if (report.contains("spiking")) body += quality_section(report);
  if (report.contains("energy")) body += energy_section(report.at("energy"));
  if (report.contains("sweep")) body += sweep_section(report.at("sweep"));
  if (report.contains("spikes")) body += spike_section(report);
  body += speed_section(report);
  if (report.contains("operations")) body += operation_section(report.at("operations"));
  if (report.contains("energy")) body += figure_section(report.at("energy"));
  return std::string("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n") +
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>" + escaped(name) +
         " in spikes</title>\n<style>" + style() + kPageStyle + "</style></head>\n<body><main>\n" + body +
         "<footer>Made by stac-bench. docs/energy.md says what is counted, and how.</footer>\n</main>\n<script>" +
         kPageScript + "</script></body></html>\n";
}

}  // namespace stac::report
