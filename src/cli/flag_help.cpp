#include "flag_help.hpp"

#include <algorithm>

#include "stac/cli/table.hpp"

namespace stac::cli {
namespace {

constexpr std::size_t kHelpColumn = 32;

std::vector<HelpSection> joined_by_title(const std::vector<HelpSection>& sections) {
  std::vector<HelpSection> joined;
  for (const HelpSection& section : sections) {
    const auto same =
        std::find_if(joined.begin(), joined.end(), [&](const HelpSection& s) { return s.title == section.title; });
    if (same == joined.end()) {
      joined.push_back(section);
    } else {
      same->entries.insert(same->entries.end(), section.entries.begin(), section.entries.end());
    }
  }
  return joined;
}

/// "-T, --timesteps N", the long name always in the same column.
std::string spelled(const HelpEntry& entry) {
  const std::size_t comma = entry.names.find(',');
  std::string text = comma == std::string::npos ? "    " + entry.names
                                                : entry.names.substr(0, comma) + ", " + entry.names.substr(comma + 1);
  if (!entry.placeholder.empty()) text += " " + entry.placeholder;
  return "  " + text;
}

std::string formatted(const HelpEntry& entry) {
  std::string text = spelled(entry);
  const std::string margin(kHelpColumn, ' ');
  text += text.size() + 2 > kHelpColumn ? "\n" + margin : std::string(kHelpColumn - text.size(), ' ');
  bool first = true;
  for (const std::string& line : wrap(entry.help, kReportColumns - kHelpColumn)) {
    text += (first ? "" : margin) + line + "\n";
    first = false;
  }
  return text;
}

}  // namespace

std::string format_help(const std::vector<HelpSection>& sections) {
  std::string text;
  for (const HelpSection& section : joined_by_title(sections)) {
    if (section.entries.empty()) continue;
    text += "\n" + section.title + ":\n";
    for (const HelpEntry& entry : section.entries) text += formatted(entry);
  }
  return text;
}

}  // namespace stac::cli
