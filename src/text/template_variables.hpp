// What a chat template sees: the names that transformers' apply_chat_template gives it.
#pragma once
#include <map>
#include <string>

#include "text/jinja/value.hpp"

namespace stac::text {

/// @param messages        a list of dicts
/// @param special_tokens  by their names; what is missing stays undefined
[[nodiscard]] std::map<std::string, jinja::Value> template_variables(
    jinja::Value messages, bool add_generation_prompt, const std::map<std::string, std::string>& special_tokens);

}  // namespace stac::text
