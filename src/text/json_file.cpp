#include "text/json_file.hpp"

#include <fstream>
#include <sstream>
#include <unordered_set>
#include <vector>

namespace stac::text {
namespace {

using Json = nlohmann::json;

// Real tokenizer.json files reach 35 MB; as a tree of values JSON takes up to 25 times its size.
constexpr std::size_t largest_json = std::size_t{48} << 20;

/// Refuses a key that an object already has: readers disagree on which of the two counts.
class DuplicateKeys {
 public:
  bool operator()(int /*depth*/, Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_.emplace_back();
    if (event == Json::parse_event_t::object_end) open_.pop_back();
    if (event == Json::parse_event_t::key && !open_.back().insert(parsed.get<std::string>()).second) {
      throw Error("the key '" + parsed.get<std::string>() + "' stands twice in one object");
    }
    return true;
  }

 private:
  std::vector<std::unordered_set<std::string>> open_;
};

}  // namespace

std::string read_text_file(const std::filesystem::path& file, std::size_t largest) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) {
    throw Error(file.string() + ": cannot be read", "check that it is a file and its permissions");
  }
  std::string text;
  std::vector<char> block(std::size_t{1} << 16);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())), stream.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest) {
      throw Error(file.string() + ": larger than " + std::to_string(largest >> 20) + " MiB",
                  "no tokenizer needs that; check that it is the right file");
    }
  }
  return text;
}

Json read_json_file(const std::filesystem::path& file) {
  const std::string text = read_text_file(file, largest_json);
  return naming_file(file, [&] {
    try {
      DuplicateKeys duplicate_keys;
      return Json::parse(text, std::ref(duplicate_keys));
    } catch (const Json::exception& error) {
      throw Error(std::string("not valid JSON: ") + error.what(), "the file looks damaged: download it again");
    }
  });
}

std::string json_type(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    default:
      return value.is_number() ? "a number" : "binary data";
  }
}

}  // namespace stac::text
