#include "stac/runtime/dialogue_script.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"

namespace stac::runtime {
namespace {

using Json = nlohmann::json;

std::string text_field(const Json& message, const char* name, const std::string& where) {
  const auto field = message.is_object() ? message.find(name) : message.end();
  if (!message.is_object() || field == message.end() || !field->is_string()) {
    throw Error(where + ": a message has no text '" + name + "'", R"(write {"role": "user", "content": "..."})");
  }
  return field->get<std::string>();
}

void add_message(DialogueScript& script, const Json& message, const std::string& where) {
  const std::string role = text_field(message, "role", where);
  const std::string content = text_field(message, "content", where);
  if (role == "assistant") return;
  if (role == "user") {
    script.user_turns.push_back(content);
  } else if (role == "system" && !script.system && script.user_turns.empty()) {
    script.system = content;
  } else {
    throw Error(where + ": a message of role '" + role + "' is not understood here",
                "roles are system (once, first), user and assistant");
  }
}

const Json* find_list(const Json& object, const char* name) {
  const auto field = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || field == object.end() || !field->is_array()) return nullptr;
  return &*field;
}

void add_turn(DialogueScript& script, const Json& turn, const std::string& where) {
  if (!turn.is_string()) throw Error(where + ": a turn is not text", R"(write {"turns": ["...", "..."]})");
  script.user_turns.push_back(turn.get<std::string>());
}

DialogueScript parse_dialogue(const Json& json, const std::string& where) {
  DialogueScript script;
  if (const Json* const messages = find_list(json, "messages")) {
    for (const Json& message : *messages) add_message(script, message, where);
  } else if (const Json* const turns = find_list(json, "turns")) {
    for (const Json& turn : *turns) add_turn(script, turn, where);
  } else {
    throw Error(where + " has neither a list 'messages' nor a list 'turns'",
                R"(write {"messages": [{"role": "user", "content": "..."}]} or {"turns": ["..."]})");
  }
  if (script.user_turns.empty()) throw Error(where + " has no user turn", "give it at least one");
  return script;
}

DialogueScript read_plain_text(const std::filesystem::path& file) {
  std::istringstream lines(io::read_text_file(file));
  DialogueScript script;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find_first_not_of(" \t") != std::string::npos) script.user_turns.push_back(line);
  }
  if (script.user_turns.empty()) {
    throw Error("the script " + file.string() + " holds no user turn", "write one on each line");
  }
  return script;
}

}  // namespace

std::vector<DialogueScript> read_dialogues(const std::filesystem::path& file) {
  std::vector<DialogueScript> dialogues;
  io::for_each_json_line(file, [&](const Json& json, const std::string& where) {
    dialogues.push_back(parse_dialogue(json, where));
    return true;
  });
  if (dialogues.empty()) throw Error(file.string() + " holds no dialogue", "write one JSON object a line");
  return dialogues;
}

std::vector<DialogueScript> read_script(const std::filesystem::path& file) {
  if (file.extension() == ".jsonl") return read_dialogues(file);
  return {read_plain_text(file)};
}

std::vector<DialogueScript> first_turns(std::vector<DialogueScript> dialogues, std::int64_t count) {
  std::vector<DialogueScript> kept;
  std::int64_t missing = count;
  for (DialogueScript& dialogue : dialogues) {
    if (missing <= 0) break;
    const auto turns = static_cast<std::int64_t>(dialogue.user_turns.size());
    if (turns > missing) dialogue.user_turns.resize(static_cast<std::size_t>(missing));
    missing -= turns;
    kept.push_back(std::move(dialogue));
  }
  if (missing > 0) {
    throw Error("the dialogues hold " + std::to_string(count - missing) + " user turns, not " + std::to_string(count),
                "ask for fewer turns, or give a longer --script");
  }
  return kept;
}

}  // namespace stac::runtime
