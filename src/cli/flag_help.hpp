// The text of --help.
#pragma once
#include <string>
#include <vector>

namespace stac::cli {

struct HelpEntry {
  std::string names;
  std::string placeholder;
  std::string help;
};

struct HelpSection {
  std::string title;
  std::vector<HelpEntry> entries;
};

/// Sections with entries; sections of the same title are joined where the first of them stands.
[[nodiscard]] std::string format_help(const std::vector<HelpSection>& sections);

}  // namespace stac::cli
