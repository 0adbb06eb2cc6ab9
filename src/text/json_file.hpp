// JSON files of a checkpoint, read as what they are: input from strangers.
#pragma once
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "stac/error.hpp"

namespace stac::text {

/// @throws stac::Error naming the file: not readable, larger than `largest` bytes
[[nodiscard]] std::string read_text_file(const std::filesystem::path& file, std::size_t largest);

/// @throws stac::Error naming the file: not readable, too large, not JSON, an object that has a key twice
[[nodiscard]] nlohmann::json read_json_file(const std::filesystem::path& file);

/// Runs `work` and puts the file's name before the message of an error that it throws.
template <typename Work>
auto naming_file(const std::filesystem::path& file, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(file.string() + ": " + error.what(), error.hint());
  }
}

/// "a string", "a list", ... for messages.
[[nodiscard]] std::string json_type(const nlohmann::json& value);

}  // namespace stac::text
