// How a conversation is written for a model: by its chat template, or plainly for a base model that brings none.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "stac/text/chat_template.hpp"
#include "stac/text/tokenizer.hpp"
#include "stac/text/tokenizer_config.hpp"

namespace stac::runtime {

using text::Message;

/// A whole conversation as text, up to where the assistant's next answer begins.
using ChatRenderer = std::function<std::string(std::span<const Message>)>;

struct ChatForm {
  ChatRenderer render;
  std::string stop_text = {};  ///< ends an answer, of which it is no part; empty: only EOS does
  bool plain = false;          ///< the model has no template: "User: ...", "Assistant: ..." on lines of their own
};

/// The model's template with its special tokens; where there is none, the plain form, in which an answer ends before
/// the next "User:" line.
/// @param model_name  for the message
/// @throws stac::Error  the template is broken
[[nodiscard]] ChatForm chat_form(const std::optional<text::ChatTemplate>& chat_template,
                                 const text::TokenizerConfig& config, const text::Tokenizer& tokenizer,
                                 const std::string& model_name);

}  // namespace stac::runtime
