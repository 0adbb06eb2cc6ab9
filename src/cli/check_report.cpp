#include "stac/cli/check_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "stac/cli/table.hpp"
#include "stac/cli/terminal.hpp"

namespace stac::cli {
namespace {

constexpr std::size_t kShownDetails = 20;
constexpr std::size_t kChecklistIndent = 11;

std::int64_t count(const std::vector<eval::CheckResult>& results, eval::Verdict verdict) {
  return std::count_if(results.begin(), results.end(),
                       [&](const eval::CheckResult& result) { return result.verdict == verdict; });
}

Colour colour_of(eval::Verdict verdict) {
  if (verdict == eval::Verdict::passed) return Colour::green;
  return verdict == eval::Verdict::failed ? Colour::red : Colour::yellow;
}

std::string details_text(const eval::CheckResult& result) {
  std::string text;
  if (result.verdict != eval::Verdict::failed) return text;
  const std::size_t shown = std::min(result.details.size(), kShownDetails);
  for (std::size_t i = 0; i < shown; ++i) text += "  " + result.name + ": " + result.details[i] + "\n";
  if (result.details.size() > shown) {
    text += "  " + result.name + ": and " + std::to_string(result.details.size() - shown) + " more (see --json)\n";
  }
  return text;
}

}  // namespace

std::string checks_text(const std::vector<eval::CheckResult>& results, bool colour) {
  Table table({{"check"}, {"verdict"}, {"s", Align::right}, {"measured (bar)"}});
  for (const eval::CheckResult& result : results) {
    const std::string bar = result.bar.empty() ? "" : " (" + result.bar + ")";
    table.add({result.name, std::string(eval::verdict_name(result.verdict)), fixed(result.seconds, 1),
               result.measured + bar});
  }
  std::string text = table.str();
  for (const eval::CheckResult& result : results) text += details_text(result);
  const eval::Verdict all = any_failed(results) ? eval::Verdict::failed : eval::Verdict::passed;
  text += "\n" + coloured(std::string(eval::verdict_name(all)), colour_of(all), colour) + ": " +
          std::to_string(count(results, eval::Verdict::passed)) + " passed, " +
          std::to_string(count(results, eval::Verdict::failed)) + " failed, " +
          std::to_string(count(results, eval::Verdict::skipped)) + " skipped\n";
  return text;
}

nlohmann::json checks_json(const std::vector<eval::CheckResult>& results) {
  nlohmann::json object = {{"passed", count(results, eval::Verdict::passed)},
                           {"failed", count(results, eval::Verdict::failed)},
                           {"skipped", count(results, eval::Verdict::skipped)},
                           {"checks", nlohmann::json::array()}};
  for (const eval::CheckResult& result : results) {
    object["checks"].push_back({{"name", result.name},
                                {"verdict", eval::verdict_name(result.verdict)},
                                {"measured", result.measured},
                                {"bar", result.bar},
                                {"seconds", result.seconds},
                                {"details", result.details}});
  }
  return object;
}

std::string checklist_text(const std::vector<eval::ChecklistLine>& lines, bool colour) {
  std::string text = "checklist\n";
  for (const eval::ChecklistLine& line : lines) {
    text += "  " + coloured(std::string(eval::verdict_name(line.verdict)), colour_of(line.verdict), colour) + "  " +
            line.claim + "\n";
    if (line.why.empty()) continue;
    for (const std::string& part : wrap(line.why, kReportColumns - kChecklistIndent)) {
      text += std::string(kChecklistIndent, ' ') + part + "\n";
    }
  }
  return text;
}

nlohmann::json checklist_json(const std::vector<eval::ChecklistLine>& lines) {
  nlohmann::json list = nlohmann::json::array();
  for (const eval::ChecklistLine& line : lines) {
    list.push_back({{"claim", line.claim}, {"verdict", eval::verdict_name(line.verdict)}, {"why", line.why}});
  }
  return list;
}

bool any_failed(const std::vector<eval::CheckResult>& results) { return count(results, eval::Verdict::failed) > 0; }

}  // namespace stac::cli
