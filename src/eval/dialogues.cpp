#include "stac/eval/dialogues.hpp"

#include <algorithm>

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"

namespace stac::eval {
namespace {

const nlohmann::json& field(const nlohmann::json& object, const char* name, nlohmann::json::value_t type,
                            const std::string& where) {
  const bool present = object.is_object() && object.contains(name) && object.at(name).type() == type;
  if (!present)
    throw Error(where + ": '" + name + "' is missing or of the wrong type", "see configs/dialogues/README.md");
  return object.at(name);
}

KeywordGroups parse_keywords(const nlohmann::json& groups, const std::string& where) {
  try {
    return groups.get<KeywordGroups>();
  } catch (const nlohmann::json::exception&) {
    throw Error(where + ": 'keywords' is not a list of lists of words", "see configs/dialogues/README.md");
  }
}

Dialogue parse_dialogue(const nlohmann::json& record, const std::string& where) {
  using Type = nlohmann::json::value_t;
  Dialogue dialogue;
  for (const nlohmann::json& message : field(record, "messages", Type::array, where)) {
    dialogue.messages.push_back({field(message, "role", Type::string, where).get<std::string>(),
                                 field(message, "content", Type::string, where).get<std::string>()});
  }
  for (const nlohmann::json& question : field(record, "questions", Type::array, where)) {
    const auto turn = field(question, "turn", Type::number_unsigned, where).get<std::size_t>();
    if (turn >= dialogue.messages.size() || dialogue.messages[turn].role != "user") {
      throw Error(where + ": question turn " + std::to_string(turn) + " is no user message",
                  "turns count messages from 0");
    }
    dialogue.questions[turn] = parse_keywords(field(question, "keywords", Type::array, where), where);
  }
  return dialogue;
}

/// Lower case, typographic apostrophes made plain.
std::string plain(const std::string& text) {
  std::string result = text;
  const std::string curly = "\xE2\x80\x99";
  for (std::size_t at = result.find(curly); at != std::string::npos; at = result.find(curly, at)) {
    result.replace(at, curly.size(), "'");
  }
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// Letters, digits, underscores, and every byte of a character beyond ASCII.
bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == '_';
}

bool has_words(const std::string& text, const std::string& words) {
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    const std::size_t end = at + words.size();
    const bool begins = at == 0 || !is_word_byte(text[at - 1]);
    const bool ends = end == text.size() || !is_word_byte(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

std::vector<Dialogue> load_dialogues(const std::filesystem::path& file, std::optional<std::int64_t> most) {
  std::vector<Dialogue> dialogues;
  io::for_each_json_line(file, [&](const nlohmann::json& record, const std::string& where) {
    dialogues.push_back(parse_dialogue(record, where));
    return !most || static_cast<std::int64_t>(dialogues.size()) < *most;
  });
  if (dialogues.empty()) throw Error(file.string() + " holds no dialogue", "see configs/dialogues/README.md");
  return dialogues;
}

bool answer_has_keywords(const std::string& answer, const KeywordGroups& keywords) {
  const std::string text = plain(answer);
  return std::all_of(keywords.begin(), keywords.end(), [&](const std::vector<std::string>& group) {
    return std::any_of(group.begin(), group.end(),
                       [&](const std::string& words) { return has_words(text, plain(words)); });
  });
}

}  // namespace stac::eval
