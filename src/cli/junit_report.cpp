#include "stac/cli/junit_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "stac/cli/table.hpp"

namespace stac::cli {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// With every byte that is not UTF-8 replaced.
std::string valid_utf8(const std::string& text) {
  using Json = nlohmann::json;
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

/// U+FFFE and U+FFFF, which UTF-8 can hold and XML cannot.
bool is_noncharacter(const std::string& text, std::size_t at) {
  return text.compare(at, 3, "\xEF\xBF\xBE") == 0 || text.compare(at, 3, "\xEF\xBF\xBF") == 0;
}

/// In an attribute or as text.
std::string escaped(const std::string& raw) {
  const std::string text = valid_utf8(raw);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c == '\n' || c == '\t') {
      result += c == '\n' ? "&#10;" : "&#9;";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += kReplacement;
    } else if (is_noncharacter(text, i)) {
      result += kReplacement;
      i += 2;
    } else {
      result += c;
    }
  }
  return result;
}

std::string attribute(const std::string& name, const std::string& value) {
  return " " + name + "=\"" + escaped(value) + "\"";
}

std::string report_of(const eval::CheckResult& result) {
  std::string text = result.measured;
  if (!result.bar.empty()) text += "\nbar: " + result.bar;
  for (const std::string& line : result.details) text += "\n" + line;
  return text;
}

std::string outcome(const eval::CheckResult& result) {
  switch (result.verdict) {
    case eval::Verdict::failed:
      return "<failure" + attribute("type", "check") + attribute("message", result.measured) + ">" +
             escaped(report_of(result)) + "</failure>";
    case eval::Verdict::skipped:
      return "<skipped" + attribute("message", result.measured) + "/>";
    case eval::Verdict::passed:
      break;
  }
  return "<system-out>" + escaped(report_of(result)) + "</system-out>";
}

std::string totals(std::span<const eval::CheckResult> results) {
  const auto count = [&](eval::Verdict verdict) {
    return std::to_string(std::count_if(results.begin(), results.end(),
                                        [&](const eval::CheckResult& result) { return result.verdict == verdict; }));
  };
  double seconds = 0.0;
  for (const eval::CheckResult& result : results) seconds += result.seconds;
  return attribute("tests", std::to_string(results.size())) + attribute("failures", count(eval::Verdict::failed)) +
         attribute("skipped", count(eval::Verdict::skipped)) + attribute("errors", "0") +
         attribute("time", fixed(seconds, 3));
}

}  // namespace

std::string junit_xml(const std::string& suite, std::span<const eval::CheckResult> results,
                      const std::map<std::string, std::string>& properties) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += "<testsuites" + totals(results) + ">\n<testsuite" + attribute("name", suite) + totals(results) + ">\n";
  xml += "<properties>\n";
  for (const auto& [name, value] : properties) {
    xml += "<property" + attribute("name", name) + attribute("value", value) + "/>\n";
  }
  xml += "</properties>\n";
  for (const eval::CheckResult& result : results) {
    xml += "<testcase" + attribute("classname", suite) + attribute("name", result.name) +
           attribute("time", fixed(result.seconds, 3)) + ">" + outcome(result) + "</testcase>\n";
  }
  return xml + "</testsuite>\n</testsuites>\n";
}

}  // namespace stac::cli
