#include "stac/text/chat_template_parity.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "stac/error.hpp"
#include "text/jinja/evaluator.hpp"
#include "text/jinja/json_value.hpp"
#include "text/jinja/parser.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"
#include "text/parity_lines.hpp"
#include "text/template_variables.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;

struct Line {
  std::string source;
  jinja::Value messages;
  bool add_generation_prompt = false;
  std::map<std::string, std::string> special_tokens;
  std::optional<std::string> expected;
  std::optional<std::string> error;
};

/// What a template came to: a text, or the message of its failure and where it stands.
struct Outcome {
  std::optional<std::string> text;
  std::string error;
  std::string placed_error;
};

jinja::Value parse_messages(const std::string& line) {
  const auto messages = nlohmann::ordered_json::parse(line).at("messages");  // in the order of the file's keys
  if (!messages.is_array()) throw Error("'messages' must be a list but is " + json_type(messages));
  for (const auto& message : messages) {
    if (!message.is_object()) throw Error("'messages' must hold objects but holds " + json_type(message));
  }
  try {
    return jinja::from_json(messages);
  } catch (const jinja::ValueError& error) {
    throw Error(std::string("'messages': ") + error.what());
  }
}

void refuse(const Json& object, const char* key) {
  if (!field(object, key).is_null()) throw Error("'" + std::string(key) + "' must be null: they are not rendered");
}

Line parse_line(const std::string& text) {
  const Json object = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) throw Error("not valid JSON");
  require_object(object, "a line");
  for (const char* key : {"messages", "add_generation_prompt", "expected"}) {
    if (!object.contains(key)) throw Error("'" + std::string(key) + "' is missing");
  }
  refuse(object, "tools");
  refuse(object, "documents");
  Line line;
  line.source = string_field(object, "template", "the line");
  line.messages = parse_messages(text);
  const auto prompt = optional_bool(object, "add_generation_prompt", "the line");
  if (!prompt) throw Error("'add_generation_prompt' must be true or false");
  line.add_generation_prompt = *prompt;
  for (const char* key : {"bos_token", "eos_token"}) {
    if (const auto token = optional_string(object, key, "the line")) line.special_tokens[key] = *token;
  }
  line.expected = optional_string(object, "expected", "the line");
  line.error = optional_string(object, "error", "the line");
  if (line.expected && line.error) throw Error("'expected' and 'error' cannot both be given: one must be null");
  return line;
}

Outcome render(const Line& line) {
  try {
    const jinja::Body body = jinja::parse_template(line.source);
    return {jinja::render(body, template_variables(line.messages, line.add_generation_prompt, line.special_tokens)),
            {},
            {}};
  } catch (const jinja::TemplateError& error) {
    return {std::nullopt, error.message(), error.what()};
  }
}

/// What differs; nothing where it is the same.
std::optional<std::string> difference(const Line& line, const Outcome& ours) {
  if (line.expected) {
    if (!ours.text) return "fails (" + ours.placed_error + ") where the reference renders";
    if (*ours.text != *line.expected) return first_difference("rendered texts", *ours.text, *line.expected);
    return std::nullopt;
  }
  const std::string reference = line.error ? ": '" + *line.error + "'" : "";
  if (ours.text) return "renders where the reference fails" + reference;
  if (line.error && ours.error.find(*line.error) == std::string::npos) {
    return "fails otherwise (" + ours.placed_error + ") than the reference" + reference;
  }
  return std::nullopt;
}

}  // namespace

TemplateParityReport check_chat_template_parity(const std::filesystem::path& file) {
  TemplateParityReport report;
  report.lines = for_each_line(file, [&](const std::string& text, std::int64_t number) {
    const Line line = naming_file(line_name(file, number), [&] { return parse_line(text); });
    const auto differs = difference(line, render(line));
    if (!differs) return;
    ++(line.expected ? report.text_mismatches : report.error_mismatches);
    report.mismatches.push_back({number, *differs});
  });
  return report;
}

}  // namespace stac::text
