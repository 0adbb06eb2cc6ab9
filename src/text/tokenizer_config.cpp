#include "stac/text/tokenizer_config.hpp"

#include <nlohmann/json.hpp>

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"

namespace stac::text {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t largest_template = std::size_t{1} << 20;

/// A special token is a string, or an object that spells it in "content".
std::string token_text(const Json& value, const std::string& name) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) return string_field(value, "content", name);
  throw Error("'" + name + "' must be a string or an object with 'content' but is " + json_type(value));
}

void read_special_tokens(const Json& object, TokenizerConfig& config) {
  for (const auto& [name, value] : object.items()) {
    if (!name.ends_with("_token") || value.is_null() || value.is_boolean()) continue;  // add_bos_token is a boolean
    config.special_tokens.try_emplace(name, token_text(value, name));
  }
}

void read_named_templates(const Json& list, TokenizerConfig& config) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string where = "chat_template[" + std::to_string(i) + "]";
    require_object(list[i], where);
    const std::string name = string_field(list[i], "name", where);
    config.chat_templates.try_emplace(name, string_field(list[i], "template", where));
  }
}

void read_chat_template(const Json& value, TokenizerConfig& config) {
  if (value.is_null()) return;
  if (value.is_array()) return read_named_templates(value, config);
  if (!value.is_string()) {
    throw Error("'chat_template' must be a string or a list of named templates but is " + json_type(value));
  }
  config.chat_templates.try_emplace("default", value.get<std::string>());
}

void read_config_file(const fs::path& file, TokenizerConfig& config) {
  const Json object = io::read_json_file(file);
  naming_file(file, [&] {
    require_object(object, "the file's content");
    read_special_tokens(object, config);
    read_chat_template(field(object, "chat_template"), config);
    config.add_bos_token = optional_bool(object, "add_bos_token", "the file");
    config.add_prefix_space = optional_bool(object, "add_prefix_space", "the file");
  });
}

std::optional<std::string> lookup(const std::map<std::string, std::string>& map, const char* key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<std::string> TokenizerConfig::bos_token() const { return lookup(special_tokens, "bos_token"); }
std::optional<std::string> TokenizerConfig::eos_token() const { return lookup(special_tokens, "eos_token"); }

TokenizerConfig load_tokenizer_config(const fs::path& folder) {
  TokenizerConfig config;
  const fs::path own_template = folder / "chat_template.jinja";
  if (fs::is_regular_file(own_template)) {
    config.chat_templates["default"] = io::read_text_file(own_template, largest_template);
  }
  const fs::path file = folder / "tokenizer_config.json";
  if (fs::is_regular_file(file)) read_config_file(file, config);
  const fs::path map_file = folder / "special_tokens_map.json";
  if (fs::is_regular_file(map_file)) {
    const Json object = io::read_json_file(map_file);
    naming_file(map_file, [&] {
      require_object(object, "the file's content");
      read_special_tokens(object, config);
    });
  }
  return config;
}

}  // namespace stac::text
