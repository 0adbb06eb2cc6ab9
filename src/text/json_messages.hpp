// What errors say about values in the JSON files of a tokenizer.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "stac/error.hpp"

namespace stac::text {

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
