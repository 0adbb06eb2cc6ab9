#include "text/parity_lines.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "stac/error.hpp"

namespace stac::text {
namespace {

/// A stretch of a text around a place, quoted.
std::string excerpt(const std::string& text, std::size_t around) {
  const std::size_t begin = around > 12 ? around - 12 : 0;
  return nlohmann::json(text.substr(begin, 40)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::int64_t for_each_line(const std::filesystem::path& file,
                           const std::function<void(const std::string& line, std::int64_t number)>& visit) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) throw Error(file.string() + ": cannot be read");
  std::int64_t lines = 0;
  std::string line;
  for (std::int64_t number = 1; std::getline(stream, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    visit(line, number);
    ++lines;
  }
  if (lines == 0) throw Error(file.string() + ": holds no lines to compare");
  return lines;
}

std::string line_name(const std::filesystem::path& file, std::int64_t number) {
  return file.string() + ": line " + std::to_string(number);
}

std::string first_difference(const std::string& name, const std::string& got, const std::string& expected) {
  const auto differ = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end());
  const auto at = static_cast<std::size_t>(differ.first - got.begin());
  return name + " differ from byte " + std::to_string(at) + " on: " + excerpt(got, at) + ", the reference has " +
         excerpt(expected, at);
}

}  // namespace stac::text
