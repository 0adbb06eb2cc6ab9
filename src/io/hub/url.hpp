// URLs, as RFC 3986 has them.
#pragma once
#include <string>
#include <string_view>

namespace stac::io {

/// One segment of a path, or a query's value: everything but letters, digits and -._~ as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view segment);

/// The same for a path: its slashes stay.
[[nodiscard]] std::string percent_encoded_path(std::string_view path);

/// "https://host:443": scheme, host in lower case, and port. Who may see a token is decided by it.
/// @throws stac::Error  not an http or https URL
[[nodiscard]] std::string url_origin(const std::string& url);

/// Where a reply's Location leads. @throws stac::Error  not a URL
[[nodiscard]] std::string resolved_url(const std::string& base, const std::string& location);

}  // namespace stac::io
