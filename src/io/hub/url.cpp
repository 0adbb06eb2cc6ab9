#include "io/hub/url.hpp"

#include <curl/curl.h>

#include <memory>

#include "io/printable.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Url parse(const std::string& text) {
  Url url(curl_url(), &curl_url_cleanup);
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    throw Error(in_quotes(text) + ": is not an http or https URL");
  }
  return url;
}

std::string part_of(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
  return text;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string encoded(std::string_view text, std::string_view kept) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += kDigits[byte >> 4U];
    result += kDigits[byte & 15U];
  }
  return result;
}

}  // namespace

std::string percent_encoded(std::string_view segment) { return encoded(segment, ""); }

std::string percent_encoded_path(std::string_view path) { return encoded(path, "/"); }

std::string url_origin(const std::string& url) {
  const Url parsed = parse(url);
  const std::string scheme = part_of(parsed, CURLUPART_SCHEME);
  std::string host = part_of(parsed, CURLUPART_HOST);
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if ((scheme != "http" && scheme != "https") || host.empty()) {
    throw Error(in_quotes(url) + ": is not an http or https URL");
  }
  return scheme + "://" + host + ":" + part_of(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string resolved_url(const std::string& base, const std::string& location) {
  const Url url = parse(base);
  if (curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) {
    throw Error(in_quotes(location) + ": is not a URL that a redirect can lead to");
  }
  return part_of(url, CURLUPART_URL);
}

}  // namespace stac::io
