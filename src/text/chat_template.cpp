#include "stac/text/chat_template.hpp"

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"
#include "text/jinja/evaluator.hpp"
#include "text/jinja/parser.hpp"
#include "text/template_variables.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

using jinja::Value;

Value to_value(std::span<const Message> messages) {
  Value::Items items;
  for (const Message& message : messages) {
    items.push_back(Value::dict({{Value("role"), Value(replace_invalid_utf8(message.role))},
                                 {Value("content"), Value(replace_invalid_utf8(message.content))}}));
  }
  return Value::list(std::move(items));
}

}  // namespace

struct ChatTemplate::Parsed {
  jinja::Body body;
};

ChatTemplate::ChatTemplate(const std::string& source) {
  try {
    parsed_ = std::make_shared<const Parsed>(Parsed{jinja::parse_template(replace_invalid_utf8(source))});
  } catch (const jinja::TemplateError& error) {
    problem_ = error.what();
  }
}

std::string ChatTemplate::render(std::span<const Message> messages, bool add_generation_prompt,
                                 const std::map<std::string, std::string>& special_tokens) const {
  constexpr const char* hint =
      "the template is the checkpoint's own (tokenizer_config.json, chat_template.jinja) or --chat-template";
  if (problem_) throw Error("chat template: " + *problem_, hint);
  try {
    return jinja::render(parsed_->body, template_variables(to_value(messages), add_generation_prompt, special_tokens));
  } catch (const jinja::TemplateError& error) {
    throw Error(std::string("chat template: ") + error.what(), hint);
  }
}

std::optional<ChatTemplate> load_chat_template(const std::optional<std::filesystem::path>& file) {
  if (!file) return std::nullopt;
  ChatTemplate chat(io::read_text_file(*file));
  if (chat.problem()) throw Error(file->string() + ": " + *chat.problem(), "a chat template is Jinja");
  return chat;
}

std::optional<ChatTemplate> find_chat_template(const TokenizerConfig& config) {
  const auto found = config.chat_templates.find("default");
  if (found == config.chat_templates.end()) return std::nullopt;
  return ChatTemplate(found->second);
}

}  // namespace stac::text
