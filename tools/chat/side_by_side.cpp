#include "chat/side_by_side.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

#include "stac/cli/table.hpp"

namespace stac::chat {
namespace {

constexpr const char* kGap = " | ";
constexpr std::size_t kWidth = (cli::kReportColumns - 3) / 2;

std::vector<std::string> lines_of(const std::string& title, const std::string& text) {
  std::vector<std::string> lines{title, std::string(kWidth, '-')};
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    for (std::string& part : cli::wrap(line, kWidth)) lines.push_back(std::move(part));
  }
  return lines;
}

}  // namespace

std::string side_by_side(const std::string& left_title, const std::string& left, const std::string& right_title,
                         const std::string& right) {
  std::vector<std::string> a = lines_of(left_title, left), b = lines_of(right_title, right);
  const std::size_t rows = std::max(a.size(), b.size());
  a.resize(rows);
  b.resize(rows);
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t width = cli::display_width(a[row]);
    text += a[row] + std::string(width < kWidth ? kWidth - width : 0, ' ') + kGap + b[row] + "\n";
  }
  return text;
}

}  // namespace stac::chat
