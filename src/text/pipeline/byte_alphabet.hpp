// GPT-2's byte alphabet: every byte is written as one printable character, so that a vocabulary is readable text.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace stac::text {

/// Bytes that are printable Latin-1 stand for themselves; the 68 others become U+0100, U+0101, ... in order.
/// Source: openai/gpt-2, encoder.py, bytes_to_unicode.
[[nodiscard]] char32_t byte_to_character(unsigned char byte);

/// The bytes of a text, each written as its character.
[[nodiscard]] std::string to_byte_alphabet(std::string_view bytes);

/// The bytes that a token stands for; a token with a character outside the alphabet stands for itself.
[[nodiscard]] std::string from_byte_alphabet(std::string_view token);

}  // namespace stac::text
