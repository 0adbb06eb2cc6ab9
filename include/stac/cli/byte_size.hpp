// "64M" as bytes, and back.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace stac::cli {

/// A number with an optional unit, as dd reads it: K, M, G, T (or KiB, MiB, ...) are powers of 1024; kB, MB, GB, TB
/// powers of 1000; B, or none, is bytes. Fractions are rounded down to whole bytes; units in any case.
/// @param flag  for the message
/// @throws stac::UsageError  no such number or unit, none left of it, or more than 2^63 - 1 bytes
[[nodiscard]] std::uint64_t parse_byte_size(const std::string& flag, std::string_view text);

/// 1536 -> "1.5 KiB".
[[nodiscard]] std::string byte_size_text(std::uint64_t bytes);

}  // namespace stac::cli
