#include "stac/text/tokenizer_parity.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"
#include "text/parity_lines.hpp"

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

std::string first_id_difference(const Ids& got, const Ids& expected) {
  const auto differ = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end());
  const auto at = static_cast<std::size_t>(differ.first - got.begin());
  return "ids differ from id " + std::to_string(at) + " on: " + excerpt(got, at) + ", the reference has " +
         excerpt(expected, at);
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
    report.mismatches.push_back({number, first_id_difference(ids, line.ids)});
  }
  std::string problem;
  const std::string decoded = try_decode(tokenizer, line.ids, problem);
  if (problem.empty() && decoded == line.decoded) return;
  ++report.decoded_mismatches;
  if (problem.empty()) problem = first_difference("decoded texts", decoded, line.decoded);
  report.mismatches.push_back({number, problem});
}

}  // namespace

ParityReport check_tokenizer_parity(const Tokenizer& tokenizer, const std::filesystem::path& file) {
  ParityReport report;
  report.lines = for_each_line(file, [&](const std::string& text, std::int64_t number) {
    compare(tokenizer, naming_file(line_name(file, number), [&] { return parse_line(text); }), number, report);
  });
  return report;
}

}  // namespace stac::text
