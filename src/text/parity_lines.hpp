// Reference files for parity: their lines, and what a person reads of a difference.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace stac::text {

/// Hands every line that is not blank to `visit`, with its number; 1 is the first.
/// @return how many there were
/// @throws stac::Error  the file cannot be read or holds no such line; what `visit` throws passes through
std::int64_t for_each_line(const std::filesystem::path& file,
                           const std::function<void(const std::string& line, std::int64_t number)>& visit);

/// "FILE: line N", for errors.
[[nodiscard]] std::string line_name(const std::filesystem::path& file, std::int64_t number);

/// "NAME differ from byte 3 on: "...", the reference has "..."".
[[nodiscard]] std::string first_difference(const std::string& name, const std::string& got,
                                           const std::string& expected);

}  // namespace stac::text
