// A template's source as tokens, with whitespace control as transformers sets it: trim_blocks and lstrip_blocks.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "text/jinja/error.hpp"

namespace stac::text::jinja {

enum class TokenKind { text, block_begin, block_end, print_begin, print_end, name, string, integer, real, symbol, end };

struct Token {
  TokenKind kind;
  std::string value;  ///< of a string its content, escapes resolved
  Location where;
};

/// @param source  valid UTF-8
/// @return tokens; the last is of kind `end`
/// @throws TemplateError  an unclosed tag, comment or string, a character that no expression has
[[nodiscard]] std::vector<Token> tokenize(std::string_view source);

}  // namespace stac::text::jinja
