#include "stac/io/hub_access.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "io/hub/url.hpp"
#include "stac/error.hpp"
#include "stac/io/json_file.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLongestToken = 4096;

/// Empty where the variable is not set.
std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path path_variable(const char* name) {
  const std::string text = variable(name);
  const std::string home = variable("HOME");
  if (!home.empty() && text.starts_with("~/")) return fs::path(home) / text.substr(2);
  return text;
}

bool is_on(const char* name) {
  std::string text = variable(name);
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  constexpr std::array<std::string_view, 4> kYes{"1", "ON", "YES", "TRUE"};
  return std::find(kYes.begin(), kYes.end(), text) != kYes.end();
}

/// $HF_HOME, $XDG_CACHE_HOME/huggingface or ~/.cache/huggingface; empty where none of them is set, nor HOME.
fs::path hub_home() {
  if (const fs::path home = path_variable("HF_HOME"); !home.empty()) return home;
  if (const fs::path cache = path_variable("XDG_CACHE_HOME"); !cache.empty()) return cache / "huggingface";
  const fs::path home = path_variable("HOME");
  return home.empty() ? fs::path() : home / ".cache" / "huggingface";
}

std::string trimmed(std::string text) {
  constexpr const char* kBlanks = " \t\r\n";
  text.erase(text.find_last_not_of(kBlanks) + 1);
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}

/// It goes into a header line, and must not become two.
void require_one_word(const std::string& token, const std::string& source) {
  const bool sound = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!sound) throw Error(source + ": holds no token", "it should hold one word, hf_...; `hf auth login` writes it");
}

void find_token(HubAccess& access) {
  if (is_on("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return;
  for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
    access.token = trimmed(variable(name));
    access.token_source = name;
    if (!access.token.empty()) return require_one_word(access.token, access.token_source);
  }
  const fs::path named = path_variable("HF_TOKEN_PATH");
  const fs::path file = named.empty() && !hub_home().empty() ? hub_home() / "token" : named;
  std::error_code ignored;
  access.token_source = file.string();
  if (file.empty() || !fs::exists(file, ignored)) return;
  access.token = trimmed(read_text_file(file, kLongestToken));
  require_one_word(access.token, access.token_source);
}

std::string endpoint_from_environment() {
  std::string endpoint = trimmed(variable("HF_ENDPOINT"));
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (endpoint.empty()) return HubAccess().endpoint;
  try {
    static_cast<void>(url_origin(endpoint));
  } catch (const Error& error) {
    throw Error("HF_ENDPOINT: " + std::string(error.what()), "unset it, or set it like https://huggingface.co");
  }
  return endpoint;
}

}  // namespace

HubAccess hub_access_from_environment() {
  HubAccess access;
  access.cache = hub_cache_folder();
  access.offline = is_on("HF_HUB_OFFLINE") || is_on("TRANSFORMERS_OFFLINE");
  if (access.offline) return access;
  access.endpoint = endpoint_from_environment();
  find_token(access);
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    if (access.certificates.empty()) access.certificates = path_variable(name);
  }
  return access;
}

fs::path hub_cache_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const fs::path cache = path_variable(name); !cache.empty()) return cache;
  }
  const fs::path home = hub_home();
  if (home.empty()) throw Error("the Hugging Face cache is nowhere: HOME is not set", "set HF_HUB_CACHE or HOME");
  return home / "hub";
}

}  // namespace stac::io
