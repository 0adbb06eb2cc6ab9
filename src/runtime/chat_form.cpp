#include "stac/runtime/chat_form.hpp"

#include <algorithm>

#include "stac/error.hpp"

namespace stac::runtime {
namespace {

constexpr const char* kNextUser = "\nUser:";

/// BOS as text where the tokenizer's texts begin with it, as a template would write it.
std::string begin_of_text(const text::TokenizerConfig& config, const text::Tokenizer& tokenizer) {
  const auto bos = tokenizer.bos_id();
  if (!bos) return {};
  const std::vector<std::int64_t> before = tokenizer.affixes().before;
  const bool by_default = tokenizer.kind() == text::TokenizerKind::sentencepiece ||
                          std::find(before.begin(), before.end(), *bos) != before.end();
  return config.add_bos_token.value_or(by_default) ? tokenizer.token(*bos) : std::string();
}

/// An answer keeps the blank that it began with, so that its text has the ids that the model wrote.
std::string after_colon(const std::string& content) {
  return content.starts_with(' ') || content.starts_with('\n') ? content : " " + content;
}

std::string plain_text(const std::string& bos, std::span<const Message> messages) {
  std::string text = bos;
  for (const Message& message : messages) {
    if (message.role == "system") text += message.content + "\n\n";
    if (message.role == "user") text += "User: " + message.content + "\n";
    if (message.role == "assistant") text += "Assistant:" + after_colon(message.content) + "\n";
  }
  return text + "Assistant:";
}

}  // namespace

ChatForm chat_form(const std::optional<text::ChatTemplate>& chat_template, const text::TokenizerConfig& config,
                   const text::Tokenizer& tokenizer, const std::string& model_name) {
  if (!chat_template) {
    return {[bos = begin_of_text(config, tokenizer)](std::span<const Message> messages) {
              return plain_text(bos, messages);
            },
            kNextUser, /*plain=*/true};
  }
  if (chat_template->problem()) {
    throw Error("the chat template of the model '" + model_name + "' is broken: " + *chat_template->problem(),
                "repair it in chat_template.jinja or tokenizer_config.json, or give another one (--chat-template)");
  }
  return {[chat = *chat_template, specials = config.special_tokens](std::span<const Message> messages) {
    return chat.render(messages, /*add_generation_prompt=*/true, specials);
  }};
}

}  // namespace stac::runtime
