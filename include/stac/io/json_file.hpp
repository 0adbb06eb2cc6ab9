// JSON files, read strictly.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace stac::io {

/// What a reader is ready for; beyond it a file is refused before it costs time or memory.
struct JsonLimits {
  std::uint64_t bytes = 64U << 20U;
  std::size_t depth = 64;          ///< nested arrays and objects
  std::size_t values = 8'000'000;  ///< of every kind, in total (a tokenizer of 256,000 pieces has about 2 million)
};

/// Parses a whole text: one value, no comments, no duplicate keys, UTF-8, numbers within range.
/// @param where  names the text in errors
/// @throws stac::Error "<where>: line L, column C (byte B): <rule>"
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits = {});

/// @throws stac::Error naming the file: missing, unreadable, too large, or as parse_json
[[nodiscard]] nlohmann::json read_json_file(const std::filesystem::path& path, const JsonLimits& limits = {});

/// The bytes of a text file of at most `limit` bytes. @throws stac::Error naming the file
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path, std::uint64_t limit = 64U << 20U);

/// Calls `take(value, where)` for every line of a file that is not blank, in order, until it returns false.
/// `where` is "<file>, line N", for errors.
/// @throws stac::Error  as read_text_file and parse_json
void for_each_json_line(const std::filesystem::path& path,
                        const std::function<bool(const nlohmann::json& value, const std::string& where)>& take);

}  // namespace stac::io
