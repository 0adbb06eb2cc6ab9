#include "stac/text/tokenizer_parity.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<std::int64_t>;

struct Line {
  std::string text;
  Ids ids;
  std::string decoded;
};

Ids parse_ids(const Json& list) {
  if (!list.is_array()) throw Error("'ids' must be a list but is " + json_type(list));
  Ids ids;
  for (const Json& id : list) {
    if (!id.is_number_integer()) throw Error("'ids' must hold whole numbers but holds " + json_type(id));
    ids.push_back(id.get<std::int64_t>());
  }
  return ids;
}

Line parse_line(const std::string& text) {
  const Json object = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) throw Error("not valid JSON");
  require_object(object, "a line");
  return {string_field(object, "text", "the line"), parse_ids(field(object, "ids")),
          string_field(object, "decoded", "the line")};
}

/// A stretch of ids around a place, for a person to read.
std::string excerpt(const Ids& ids, std::size_t around) {
  const std::size_t begin = around > 3 ? around - 3 : 0;
  const std::size_t end = std::min(ids.size(), around + 5);
  std::string text = begin > 0 ? "[... " : "[";
  for (std::size_t i = begin; i < end; ++i) text += (i > begin ? " " : "") + std::to_string(ids[i]);
  return text + (end < ids.size() ? " ...]" : "]");
}

std::string excerpt(const std::string& text, std::size_t around) {
  const std::size_t begin = around > 12 ? around - 12 : 0;
  return Json(text.substr(begin, 40)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename Sequence>
std::string first_difference(const char* name, const char* unit, const Sequence& got, const Sequence& expected) {
  const auto differ = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end());
  const auto at = static_cast<std::size_t>(differ.first - got.begin());
  return std::string(name) + " differ from " + unit + " " + std::to_string(at) + " on: " + excerpt(got, at) +
         ", the reference has " + excerpt(expected, at);
}

std::string try_decode(const Tokenizer& tokenizer, const Ids& ids, std::string& problem) {
  try {
    return tokenizer.decode(ids, Specials::keep);
  } catch (const Error& error) {
    problem = error.what();
    return {};
  }
}

void compare(const Tokenizer& tokenizer, const Line& line, std::int64_t number, ParityReport& report) {
  const Ids ids = tokenizer.encode(line.text);
  if (ids != line.ids) {
    ++report.ids_mismatches;
    report.mismatches.push_back({number, first_difference("ids", "id", ids, line.ids)});
  }
  std::string problem;
  const std::string decoded = try_decode(tokenizer, line.ids, problem);
  if (problem.empty() && decoded == line.decoded) return;
  ++report.decoded_mismatches;
  if (problem.empty()) problem = first_difference("decoded texts", "byte", decoded, line.decoded);
  report.mismatches.push_back({number, problem});
}

}  // namespace

ParityReport check_tokenizer_parity(const Tokenizer& tokenizer, const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) throw Error(file.string() + ": cannot be read");
  ParityReport report;
  std::string text;
  for (std::int64_t number = 1; std::getline(stream, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Line line = naming_file(file.string() + ": line " + std::to_string(number), [&] { return parse_line(text); });
    compare(tokenizer, line, number, report);
    ++report.lines;
  }
  if (report.lines == 0) throw Error(file.string() + ": holds no lines to compare");
  return report;
}

}  // namespace stac::text
