// Aligned plain-text tables, at most 100 columns wide.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stac::cli {

inline constexpr std::size_t kReportColumns = 100;

enum class Align { left, right };

struct Column {
  std::string title;
  Align align = Align::left;
};

/// Rows of cells under titles. A last column that would pass the width is wrapped at blanks.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  /// @throws std::invalid_argument  a row of another length than the titles
  void add(std::vector<std::string> cells);
  [[nodiscard]] std::string str() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Characters that a UTF-8 text takes on a terminal, one per code point.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Lines of at most `width` characters, broken at blanks where there are any.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// 1234567 -> "1,234,567".
[[nodiscard]] std::string with_separators(unsigned long long number);

/// 0.00034 -> "0.00034", 12.3456 -> "12.35": `digits` after the point.
[[nodiscard]] std::string fixed(double value, int digits);

/// 0.0123 -> "+1.23%".
[[nodiscard]] std::string signed_percent(double fraction, int digits);

}  // namespace stac::cli
