// A table of a page, sortable by its headings.
#pragma once
#include <string>
#include <vector>

#include "stac/report/svg.hpp"

namespace stac::report {

class HtmlTable {
 public:
  /// @param columns  the first holds names, the others numbers
  explicit HtmlTable(const std::vector<std::string>& columns) {
    for (const std::string& column : columns) head_ += "<th scope=\"col\" tabindex=\"0\">" + escaped(column) + "</th>";
  }

  void add(const std::vector<std::string>& cells) {
    body_ += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      body_ += (i == 0 ? "<th scope=\"row\">" : "<td>") + escaped(cells[i]) + (i == 0 ? "</th>" : "</td>");
    }
    body_ += "</tr>\n";
  }

  [[nodiscard]] std::string str() const {
    return "<div class=\"wide\"><table><thead><tr>" + head_ + "</tr></thead>\n<tbody>\n" + body_ +
           "</tbody></table></div>\n";
  }

 private:
  std::string head_, body_;
};

}  // namespace stac::report
