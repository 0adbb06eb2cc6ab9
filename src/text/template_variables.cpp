#include "text/template_variables.hpp"

#include "text/utf8.hpp"

namespace stac::text {

std::map<std::string, jinja::Value> template_variables(jinja::Value messages, bool add_generation_prompt,
                                                       const std::map<std::string, std::string>& special_tokens) {
  std::map<std::string, jinja::Value> names;
  for (const auto& [name, token] : special_tokens) names[name] = jinja::Value(replace_invalid_utf8(token));
  names["messages"] = std::move(messages);
  names["add_generation_prompt"] = jinja::Value(add_generation_prompt);
  names["tools"] = jinja::Value(jinja::None{});
  names["documents"] = jinja::Value(jinja::None{});
  return names;
}

}  // namespace stac::text
