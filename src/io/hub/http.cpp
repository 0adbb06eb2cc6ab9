#include "io/hub/http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "io/hub/duration_text.hpp"
#include "io/printable.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kIgnoredBody =
    1U << 16U;  // of a redirect or an error: a page for people, read to keep the connection
constexpr std::size_t kMostHeaders = 1000;

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// What one request has seen so far; libcurl's callbacks work on it.
struct Exchange {
  CURL* handle = nullptr;
  const HttpReceiver& receiver;
  std::chrono::milliseconds silence{};
  HttpHead head{};
  bool began = false;
  std::size_t ignored = 0;
  bool enough = false;  ///< the head is all that is wanted of this reply
  bool fell_silent = false;
  Clock::time_point last_byte = Clock::now();
  std::exception_ptr thrown{};

  void heard() { last_byte = Clock::now(); }

  void take_header(std::string_view line) {
    heard();
    if (line.starts_with("HTTP/")) {  // of an interim reply, or of the reply itself
      head = {};
      return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || head.headers.size() >= kMostHeaders) return;
    head.headers[lower_case(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
  }

  void take_status() {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    head.status = static_cast<int>(status);
  }

  void begin_body() {
    if (began) return;
    began = true;
    take_status();
    if (head.is_success() && receiver.begin) receiver.begin(head);
  }

  void take_body(std::span<const std::byte> bytes) {
    begin_body();
    if (head.is_success() && receiver.take) receiver.take(bytes);
    heard();  // only now: a slow disk is not the server's silence
    if (head.is_success()) return;
    ignored += bytes.size();
    enough = ignored > kIgnoredBody;
  }

  void tick() {
    if (receiver.tick) receiver.tick();
    fell_silent = Clock::now() - last_byte > silence;
  }
};

/// Runs a callback's work; an exception must not pass through libcurl, which is C.
template <typename Work>
bool survives(Exchange& exchange, Work work) {
  try {
    work();
    return true;
  } catch (...) {
    exchange.thrown = std::current_exception();
    return false;
  }
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  return survives(exchange, [&] { exchange.take_header({data, size * count}); }) ? size * count : 0;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const auto bytes = std::as_bytes(std::span(data, size * count));
  const bool goes_on = survives(exchange, [&] { exchange.take_body(bytes); }) && !exchange.enough;
  return goes_on ? size * count : 0;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(user);
  const bool goes_on = survives(exchange, [&] { exchange.tick(); }) && !exchange.fell_silent;
  return goes_on ? 0 : 1;
}

ConnectionFailure failure_of(CURLcode code, bool connected) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return ConnectionFailure::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return connected ? ConnectionFailure::silent : ConnectionFailure::unreachable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return ConnectionFailure::untrusted;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return ConnectionFailure::refused;
    default:
      return ConnectionFailure::broken;
  }
}

void initialise_curl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (done != CURLE_OK) throw Error("libcurl cannot be initialised", "check the libcurl installation");
}

/// libcurl's list of header lines.
class HeaderList {
 public:
  explicit HeaderList(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) list_ = curl_slist_append(list_, line.c_str());
  }
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

}  // namespace

std::string HttpHead::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

bool HttpHead::is_redirect() const {
  constexpr std::array kRedirects{301, 302, 303, 307, 308};
  return std::find(kRedirects.begin(), kRedirects.end(), status) != kRedirects.end() && !header("location").empty();
}

struct HttpConnection::State {
  CURL* handle = nullptr;
  HttpLimits limits;
  std::string certificates;

  State(const HttpLimits& all_limits, std::string certificate_file)
      : limits(all_limits), certificates(std::move(certificate_file)) {
    initialise_curl();
    handle = curl_easy_init();
    if (handle == nullptr) throw Error("libcurl cannot be initialised", "check the libcurl installation");
  }
  ~State() { curl_easy_cleanup(handle); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void prepare(const HttpRequest& request, const HeaderList& headers, Exchange& exchange, char* reason) const {
    curl_easy_reset(handle);  // open connections stay
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_NOBODY, request.method == HttpMethod::head ? 1L : 0L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "stac");
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
    if (!certificates.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, certificates.c_str());
  }

  [[nodiscard]] bool connected() const {
    double seconds = 0.0;
    curl_easy_getinfo(handle, CURLINFO_CONNECT_TIME, &seconds);
    return seconds > 0.0;
  }
};

HttpConnection::HttpConnection(const HttpLimits& limits, const std::filesystem::path& certificates)
    : state_(std::make_unique<State>(limits, certificates.string())) {}

HttpConnection::~HttpConnection() = default;

HttpHead HttpConnection::perform(const HttpRequest& request, const HttpReceiver& receiver) {
  Exchange exchange{state_->handle, receiver, state_->limits.silence};
  const HeaderList headers(request.headers);
  std::array<char, CURL_ERROR_SIZE> reason{};
  state_->prepare(request, headers, exchange, reason.data());
  const CURLcode code = curl_easy_perform(state_->handle);
  if (exchange.thrown) std::rethrow_exception(exchange.thrown);
  if (exchange.fell_silent) {
    throw ConnectionError(ConnectionFailure::silent, "no byte for " + duration_text(state_->limits.silence));
  }
  if (code != CURLE_OK && !exchange.enough) {
    throw ConnectionError(failure_of(code, state_->connected()),
                          printable(reason[0] != '\0' ? reason.data() : curl_easy_strerror(code)));
  }
  exchange.take_status();
  if (request.method == HttpMethod::get) exchange.begin_body();  // of no bytes at all
  return exchange.head;
}

}  // namespace stac::io
