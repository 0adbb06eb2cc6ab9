// One HTTP request over libcurl: it follows no redirect, tries once, and brings no credentials of its own.
#pragma once
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stac::io {

enum class HttpMethod { get, head };

struct HttpRequest {
  HttpMethod method = HttpMethod::get;
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
};

struct HttpHead {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  ///< by their names in lower case

  /// "" where there is none. @param name  in lower case
  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
  [[nodiscard]] bool is_redirect() const;
};

/// Who takes a reply. What one of these throws ends the request and leaves perform().
struct HttpReceiver {
  std::function<void(const HttpHead&)> begin;            ///< once, before the first byte of a success
  std::function<void(std::span<const std::byte>)> take;  ///< bytes of a success, in order
  std::function<void()> tick;                            ///< every second at least, also while nothing arrives
};

/// How a request can end without a whole reply.
enum class ConnectionFailure {
  unreachable,  ///< no such host, nobody listens, no answer to the call
  untrusted,    ///< the certificate or the encryption
  refused,      ///< not a request that can be made: the URL, the protocol
  broken,       ///< cut off, garbled
  silent        ///< no byte for too long
};

class ConnectionError : public std::runtime_error {
 public:
  ConnectionError(ConnectionFailure kind, const std::string& reason) : std::runtime_error(reason), kind_(kind) {}
  [[nodiscard]] ConnectionFailure kind() const { return kind_; }

 private:
  ConnectionFailure kind_;
};

struct HttpLimits {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds silence{30'000};
};

/// Keeps connections open between requests. Proxies are those of the environment (http_proxy, HTTPS_PROXY, ALL_PROXY,
/// NO_PROXY), as libcurl reads them.
class HttpConnection {
 public:
  /// @param certificates  a file of trusted certificates instead of the system's; empty: the system's
  HttpConnection(const HttpLimits& limits, const std::filesystem::path& certificates);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// @return the head of the reply, whatever its status
  /// @throws ConnectionError
  HttpHead perform(const HttpRequest& request, const HttpReceiver& receiver);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stac::io
