// The files of a Hugging Face checkpoint that STAC reads, by name.
#pragma once
#include <array>
#include <string_view>

namespace stac::io {

inline constexpr const char* kConfigFile = "config.json";
inline constexpr const char* kWeightsFile = "model.safetensors";
inline constexpr const char* kWeightsIndexFile = "model.safetensors.index.json";

/// What belongs to the weights where a checkpoint has it, also in an artifact made from it: what tokenizes, renders
/// chats and ends answers, and the terms it came under.
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

}  // namespace stac::io
