#include "stac/cli/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace stac::cli {
namespace {

constexpr std::size_t kGap = 2;

std::string padded(const std::string& cell, std::size_t width, Align align) {
  const std::size_t length = display_width(cell);
  if (length >= width) return cell;
  const std::string blanks(width - length, ' ');
  return align == Align::left ? cell + blanks : blanks + cell;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

/// Bytes of the longest prefix of at most `width` characters.
std::size_t prefix_bytes(std::string_view text, std::size_t width) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_character = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins_character && characters++ == width) return i;
  }
  return text.size();
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (display_width(text) > width) {
    const std::size_t fits = prefix_bytes(text, width);
    std::size_t end = text.rfind(' ', fits);
    const bool has_blank = end != std::string_view::npos && end > 0;
    if (!has_blank) end = fits;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(has_blank ? end + 1 : end);
  }
  lines.emplace_back(text);
  return lines;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> cells) {
  if (cells.size() != columns_.size())
    throw std::invalid_argument("a table row has as many cells as the table columns");
  rows_.push_back(std::move(cells));
}

std::string Table::str() const {
  if (columns_.empty()) return {};
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = display_width(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[c]));
    widths.push_back(width);
  }
  std::size_t before_last = 0;
  for (std::size_t c = 0; c + 1 < widths.size(); ++c) before_last += widths[c] + kGap;
  const std::size_t room = before_last + 20 < kReportColumns ? kReportColumns - before_last : 20;
  widths.back() = std::min(widths.back(), room);

  std::string text;
  const auto put = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c + 1 < cells.size(); ++c) {
      line += padded(cells[c], widths[c], columns_[c].align) + std::string(kGap, ' ');
    }
    bool first = true;
    for (const std::string& part : wrap(cells.back(), widths.back())) {
      if (!first) line = std::string(before_last, ' ');
      text += without_trailing_blanks(line + padded(part, widths.back(), columns_.back().align)) + "\n";
      first = false;
    }
  };
  std::vector<std::string> titles, rules;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    titles.push_back(columns_[c].title);
    rules.push_back(std::string(widths[c], '-'));
  }
  put(titles);
  put(rules);
  for (const auto& row : rows_) put(row);
  return text;
}

std::string with_separators(unsigned long long number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t left = digits.size() - i;
    if (i > 0 && left % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  char buffer[512];
  const int length = std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return std::string(buffer, static_cast<std::size_t>(length));
}

std::string signed_percent(double fraction, int digits) {
  const std::string number = fixed(100.0 * fraction, digits);
  return (number.front() == '-' ? number : "+" + number) + "%";
}

}  // namespace stac::cli
