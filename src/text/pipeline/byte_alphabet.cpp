#include "text/pipeline/byte_alphabet.hpp"

#include <array>

#include "text/utf8.hpp"

namespace stac::text {
namespace {

constexpr std::size_t alphabet_end = 0x100 + 68;

constexpr bool stands_for_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr std::array<char32_t, 256> make_characters() {
  std::array<char32_t, 256> table{};
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    table[static_cast<std::size_t>(byte)] = stands_for_itself(byte) ? static_cast<char32_t>(byte) : next++;
  }
  return table;
}

constexpr std::array<char32_t, 256> characters = make_characters();

constexpr std::array<int, alphabet_end> make_bytes() {
  std::array<int, alphabet_end> table{};
  for (int& byte : table) byte = -1;
  for (std::size_t byte = 0; byte < characters.size(); ++byte) table[characters[byte]] = static_cast<int>(byte);
  return table;
}

constexpr std::array<int, alphabet_end> bytes_of = make_bytes();

}  // namespace

char32_t byte_to_character(unsigned char byte) { return characters[byte]; }

std::string to_byte_alphabet(std::string_view bytes) {
  std::string token;
  token.reserve(bytes.size() * 2);
  for (const char byte : bytes) append_utf8(token, characters[static_cast<unsigned char>(byte)]);
  return token;
}

std::string from_byte_alphabet(std::string_view token) {
  std::string bytes;
  for (std::size_t at = 0; at < token.size();) {
    const Utf8Step step = read_utf8(token.substr(at));
    if (step.kind != Utf8Kind::character || step.code_point >= alphabet_end || bytes_of[step.code_point] < 0) {
      return std::string(token);
    }
    bytes.push_back(static_cast<char>(bytes_of[step.code_point]));
    at += step.length;
  }
  return bytes;
}

}  // namespace stac::text
