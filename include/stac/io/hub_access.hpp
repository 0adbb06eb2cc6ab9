// How the Hugging Face hub is reached: where, as whom, how patiently, and whether at all.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>

namespace stac::io {

struct HubPatience {
  std::chrono::milliseconds connect{10'000};     ///< for a connection
  std::chrono::milliseconds silence{30'000};     ///< for the next byte
  int attempts = 5;                              ///< in a row without a new byte
  std::chrono::milliseconds first_pause{1'000};  ///< between attempts; doubles every time
  std::chrono::milliseconds longest_pause{16'000};
  std::chrono::milliseconds longest_wait{120'000};  ///< that a server may ask for (Retry-After)
};

struct HubAccess {
  std::string endpoint = "https://huggingface.co";  ///< no slash at its end
  std::string token = {};                           ///< shown to the endpoint alone; empty: none
  std::string token_source = {};                    ///< where the token was found, for messages
  bool offline = false;                             ///< nothing is asked of any server
  std::filesystem::path cache = {};                 ///< as hub_cache_folder()
  std::filesystem::path certificates = {};          ///< a file of trusted certificates; empty: the system's
  HubPatience patience = {};
};

/// What the environment says, under huggingface_hub's names: HF_ENDPOINT; HF_TOKEN, else the file HF_TOKEN_PATH (by
/// default `token` in HF_HOME), unless HF_HUB_DISABLE_IMPLICIT_TOKEN; HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE; the
/// cache. And SSL_CERT_FILE or CURL_CA_BUNDLE. Proxies are read by libcurl itself.
/// @throws stac::Error  an endpoint that is no URL, a token that cannot be one, a cache that is nowhere
[[nodiscard]] HubAccess hub_access_from_environment();

/// $HF_HUB_CACHE, $HUGGINGFACE_HUB_CACHE, $HF_HOME/hub, $XDG_CACHE_HOME/huggingface/hub or ~/.cache/huggingface/hub.
/// @throws stac::Error  none of them is set, nor HOME
[[nodiscard]] std::filesystem::path hub_cache_folder();

}  // namespace stac::io
