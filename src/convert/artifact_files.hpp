// The files of an artifact, by name.
#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace stac::convert {

inline constexpr const char* kManifestFile = "stac.json";
inline constexpr const char* kConfigFile = "config.json";
inline constexpr const char* kWeightsFile = "model.safetensors";
inline constexpr const char* kCardFile = "README.md";

/// Copied from the source where it has them: what tokenizes and renders chats, and the terms it came under.
inline constexpr std::array kCompanionFiles{std::string_view("tokenizer.json"),
                                            std::string_view("tokenizer_config.json"),
                                            std::string_view("tokenizer.model"),
                                            std::string_view("vocab.json"),
                                            std::string_view("merges.txt"),
                                            std::string_view("special_tokens_map.json"),
                                            std::string_view("added_tokens.json"),
                                            std::string_view("chat_template.jinja"),
                                            std::string_view("generation_config.json"),
                                            std::string_view("LICENSE"),
                                            std::string_view("LICENSE.txt"),
                                            std::string_view("LICENSE.md"),
                                            std::string_view("NOTICE")};

[[nodiscard]] inline bool file_exists(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// Where a source is, as manifests say it: absolute, links resolved.
[[nodiscard]] inline std::filesystem::path recorded_path(const std::filesystem::path& folder) {
  std::error_code failed;
  const std::filesystem::path resolved = std::filesystem::canonical(folder, failed);
  return failed ? std::filesystem::absolute(folder) : resolved;
}

}  // namespace stac::convert
