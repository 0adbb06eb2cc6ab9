// Names out of files, made safe to print: a hostile checkpoint must not write escape sequences to a terminal.
#pragma once
#include <string>
#include <string_view>

namespace stac::io {

/// `text` with control bytes escaped, cut after `limit` bytes (at a UTF-8 boundary).
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 120);

/// printable(text) between single quotes.
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t limit = 120);

}  // namespace stac::io
