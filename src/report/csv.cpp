#include <nlohmann/json.hpp>

#include "stac/report/page.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

/// RFC 4180.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

class Csv {
 public:
  void add(const std::string& table, const std::string& row, const std::string& column, const json& value) {
    if (value.is_object()) {
      for (const auto& [key, inner] : value.items()) add(table, row, column + "." + key, inner);
      return;
    }
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) add(table, row, column + "." + std::to_string(i), value[i]);
      return;
    }
    const std::string text = value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
    lines_ += field(table) + "," + field(row) + "," + field(column) + "," + field(text) + "\n";
  }

  /// Each number of an object.
  void add_row(const std::string& table, const std::string& row, const json& object) {
    for (const auto& [column, value] : object.items()) {
      if (column != "lines") add(table, row, column, value);
    }
  }

  [[nodiscard]] std::string str() const { return "table,row,column,value\n" + lines_; }

 private:
  std::string lines_;
};

std::string site_row(const json& site) {
  return (site.at("layer").is_null() ? "" : site.at("layer").dump() + " ") + site.at("site").get<std::string>();
}

}  // namespace

std::string csv(const json& report) {
  Csv table;
  for (const char* const section : {"model", "dense", "spiking", "text", "speed", "matmul"}) {
    if (report.contains(section) && report.at(section).is_object()) table.add_row(section, "", report.at(section));
  }
  if (report.contains("storage")) table.add("model", "", "storage", report.at("storage"));
  for (const char* const phase : {"prefill", "decode"}) {
    if (report.contains("kernel_times")) table.add_row("kernel_times, s", phase, report.at("kernel_times").at(phase));
  }
  if (report.contains("spikes")) {
    for (const json& site : report.at("spikes").at("sites")) table.add_row("spikes", site_row(site), site);
  }
  if (report.contains("layers")) {
    for (std::size_t i = 0; i < report.at("layers").size(); ++i) {
      table.add_row("layers", std::to_string(i), report.at("layers")[i]);
    }
  }
  if (report.contains("operations")) {
    table.add_row("operations", "total", report.at("operations").at("total"));
    for (const json& site : report.at("operations").at("sites")) table.add_row("operations", site_row(site), site);
    for (const auto& [what, counts] : report.at("operations").at("non_spiking").items()) {
      table.add_row("operations", what, counts);
    }
  }
  if (report.contains("energy")) {
    for (const json& contender : report.at("energy").at("contenders")) {
      table.add_row("energy, pJ", contender.at("name").get<std::string>(), contender);
    }
  }
  if (report.contains("batch_speed")) table.add_row("batch_speed", "", report.at("batch_speed"));
  if (report.contains("window_speed")) {
    for (const json& one : report.at("window_speed")) {
      const std::string row = one.at("code").get<std::string>() + " T=" + one.at("timesteps").dump();
      table.add_row("window_speed", row, one);
    }
  }
  if (report.contains("sweep")) {
    for (const json& point : report.at("sweep").at("points")) {
      table.add_row("sweep", point.at("name").get<std::string>(), point);
    }
  }
  return table.str();
}

}  // namespace stac::report
