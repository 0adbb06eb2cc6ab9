#include "io/hub/hub_client.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "io/hub/refusal.hpp"
#include "io/hub/url.hpp"
#include "io/printable.hpp"
#include "stac/error.hpp"
#include "stac/io/hub_id.hpp"
#include "stac/io/json_file.hpp"

namespace stac::io {
namespace {

constexpr int kMostRedirects = 10;
constexpr std::size_t kLargestListing = std::size_t{64} << 20U;
constexpr const char* kNotTheHub = "check HF_ENDPOINT, and whether a proxy or a log-in page answers in the hub's place";

std::string next_url(const std::string& url, const HttpHead& head) {
  std::string next = resolved_url(url, head.header("location"));
  const bool leaves_encryption = url_origin(next).starts_with("http:") && url_origin(url).starts_with("https:");
  if (leaves_encryption) {
    throw Error(in_quotes(url) + ": leads from https to an unencrypted place, " + in_quotes(next), kNotTheHub);
  }
  return next;
}

bool is_hash(const std::string& text) {
  return (text.size() == 64 || text.size() == 40) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// `W/"abc"` -> `abc`
std::string bare_etag(std::string text) {
  if (text.starts_with("W/")) text.erase(0, 2);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

std::optional<std::uint64_t> parse_size(const std::string& text) {
  std::uint64_t size = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (text.empty() || failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return size;
}

/// What the replies along a chain of redirects say about a file; later ones overrule.
struct Description {
  std::string commit, etag;
  std::optional<std::uint64_t> size;

  void add(const HttpHead& head) {
    if (const std::string said = head.header("x-repo-commit"); !said.empty()) commit = said;
    if (const std::string said = head.header("x-linked-etag"); !said.empty()) etag = bare_etag(said);
    if (const auto said = parse_size(head.header("x-linked-size"))) size = said;
    if (!head.is_success()) return;
    if (etag.empty()) etag = bare_etag(head.header("etag"));
    if (!size) size = parse_size(head.header("content-length"));
  }
  [[nodiscard]] bool is_whole() const { return !commit.empty() && !etag.empty() && size; }
};

RemoteFile checked(const Description& description, const std::string& file, const HubAccess& access) {
  const std::string where = host_of(access.endpoint) + ", " + in_quotes(file) + ": ";
  if (!is_commit(description.commit)) {
    throw Error(where + "the answer names no commit (X-Repo-Commit)", kNotTheHub);
  }
  if (!is_hash(description.etag)) {
    throw Error(where + "the answer has no hash to check the file by (ETag " + in_quotes(description.etag) + ")",
                kNotTheHub);
  }
  if (!description.size) throw Error(where + "the answer does not say the file's size", kNotTheHub);
  return {file, description.commit, description.etag, *description.size};
}

nlohmann::json parse_answer(const std::string& text, const std::string& url) {
  try {
    return parse_json(text, url, {kLargestListing, 32, 4'000'000});
  } catch (const Error& error) {
    throw Error(error.what(), kNotTheHub);
  }
}

Listing parse_listing(const std::string& text, const std::string& url) {
  const nlohmann::json root = parse_answer(text, url);
  const auto has = [&](const char* key) { return root.is_object() && root.contains(key); };
  if (!has("sha") || !root["sha"].is_string() || !is_commit(root["sha"].get_ref<const std::string&>()) ||
      !has("siblings") || !root["siblings"].is_array()) {
    throw Error(url + ": does not list a revision's commit and files", kNotTheHub);
  }
  Listing listing{root["sha"].get<std::string>(), {}};
  for (const nlohmann::json& sibling : root["siblings"]) {
    if (!sibling.is_object() || !sibling.contains("rfilename") || !sibling["rfilename"].is_string()) {
      throw Error(url + ": lists a file without a name", kNotTheHub);
    }
    listing.files.push_back(sibling["rfilename"].get<std::string>());
  }
  return listing;
}

/// Asks until there is an answer that waiting does not change. @param ask  -> HttpHead of one attempt
template <typename Ask>
HttpHead until_answered(const HubClient& client, const std::string& subject, Ask ask) {
  Retry retry = client.retry(subject);
  while (true) {
    try {
      const HttpHead head = ask();
      if (!is_passing(head.status)) return head;
      retry.wait_after("the server answers " + std::to_string(head.status), retry_after(head));
    } catch (const ConnectionError& error) {
      refuse_hopeless(client.access(), error);
      if (error.kind() == ConnectionFailure::unreachable) {
        throw HubUnreachable(client.access().endpoint + " cannot be reached: " + error.what(),
                             "check the network and the proxy (https_proxy)");
      }
      retry.wait_after(error.what());
    }
  }
}

}  // namespace

HubClient::HubClient(const HubAccess& access, DownloadProgress& progress)
    : access_(access),
      progress_(progress),
      origin_(url_origin(access.endpoint)),
      connection_({access.patience.connect, access.patience.silence}, access.certificates) {}

Retry HubClient::retry(const std::string& subject) const {
  return {access_.patience, subject, [this] { progress_.tick(); },
          [this](const std::string& text) { progress_.warn(text); }};
}

HttpHead HubClient::follow(HttpRequest request, const HttpReceiver& receiver,
                           const std::function<bool(const HttpHead&)>& is_enough) {
  const std::vector<std::string> everywhere = request.headers;
  const std::string start = request.url;
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    request.headers = everywhere;
    request.headers.emplace_back("Accept-Encoding: identity");  // sizes and ranges are those of the file itself
    if (!access_.token.empty() && url_origin(request.url) == origin_) {
      request.headers.push_back("Authorization: Bearer " + access_.token);
    }
    HttpHead head = connection_.perform(request, receiver);
    if (!head.is_redirect() || is_enough(head)) return head;
    request.url = next_url(request.url, head);
  }
  throw Error(in_quotes(start) + ": more than " + std::to_string(kMostRedirects) + " redirects in a row", kNotTheHub);
}

Listing HubClient::list(const HubAddress& address) {
  const std::string url = listing_url(access_.endpoint, address);
  std::string text;
  HttpReceiver receiver;
  receiver.tick = [&] { progress_.tick(); };
  receiver.begin = [&](const HttpHead&) { text.clear(); };
  receiver.take = [&](std::span<const std::byte> bytes) {
    if (text.size() + bytes.size() > kLargestListing) throw Error(url + ": answers with too long a text", kNotTheHub);
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  const HttpHead head = until_answered(*this, address.repository, [&] {
    return follow({HttpMethod::get, url, {}}, receiver);
  });
  if (!head.is_success()) refuse(access_, address, {}, head);
  return parse_listing(text, url);
}

RemoteFile HubClient::describe(const HubAddress& address, const std::string& file) {
  Description found;
  HttpReceiver receiver;
  receiver.tick = [&] { progress_.tick(); };
  // The hub's own answer describes the file; where it sends readers to, a signed address, may answer GET alone.
  const auto is_enough = [&](const HttpHead& head) {
    found.add(head);
    return found.is_whole();
  };
  const HttpHead head = until_answered(*this, file, [&] {
    found = {};
    return follow({HttpMethod::head, file_url(access_.endpoint, address, file), {}}, receiver, is_enough);
  });
  if (head.is_success()) found.add(head);
  if (!head.is_success() && !head.is_redirect()) refuse(access_, address, file, head);
  return checked(found, file, access_);
}

HttpHead HubClient::read(const HubAddress& address, const std::string& file, std::uint64_t offset,
                         const HttpReceiver& receiver) {
  HttpRequest request{HttpMethod::get, file_url(access_.endpoint, address, file), {}};
  if (offset > 0) request.headers.push_back("Range: bytes=" + std::to_string(offset) + "-");
  return follow(std::move(request), receiver);
}

}  // namespace stac::io
