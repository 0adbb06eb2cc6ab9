#include "support/hub_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

namespace stac::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kMostRequests = 100'000;
constexpr std::chrono::minutes kLifetime{3};
constexpr milliseconds kGlance{20};
constexpr milliseconds kLongestSilence{10'000};
constexpr std::size_t kPiece = 16U << 10U;
constexpr std::size_t kLongestHead = 64U << 10U;

std::string hex(const unsigned char* bytes, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<char, 3> two{};
    std::snprintf(two.data(), two.size(), "%02x", bytes[i]);
    text += two.data();
  }
  return text;
}

const unsigned char* raw(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string decoded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 2 >= text.size()) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return result;
}

struct Socket {
  int descriptor = -1;
  explicit Socket(int opened) : descriptor(opened) {}
  ~Socket() {
    if (descriptor >= 0) ::close(descriptor);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
};

bool readable(int descriptor, milliseconds patience) {
  pollfd one{descriptor, POLLIN, 0};
  return ::poll(&one, 1, static_cast<int>(patience.count())) > 0;
}

bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

ServedRequest parse_request(const std::string& head) {
  ServedRequest request;
  const std::string line = head.substr(0, head.find("\r\n"));
  const std::size_t first = line.find(' ');
  request.method = line.substr(0, first);
  std::string target = line.substr(first + 1, line.rfind(' ') - first - 1);
  if (target.starts_with("http://")) target = target.substr(target.find('/', 7));  // asked as a proxy
  request.path = target.substr(0, target.find('?'));
  std::size_t begin = head.find("\r\n") + 2;
  while (begin < head.size()) {
    const std::size_t end = head.find("\r\n", begin);
    const std::size_t colon = head.find(':', begin);
    if (end == std::string::npos || colon == std::string::npos || colon > end) break;
    std::string name = head.substr(begin, colon - begin);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers[name] = head.substr(colon + 2, end - colon - 2);
    begin = end + 2;
  }
  request.host = request.header("host");
  return request;
}

ServedReply refusal(int status, const std::string& code, const std::string& message) {
  return {status, {{"X-Error-Code", code}, {"X-Error-Message", message}}, message};
}

/// The named repository and the rest of the path, for "/org/name/..." and "/name/...".
using Repositories = std::map<std::string, ServedRepository>;
std::optional<std::pair<std::string, std::string>> split(const Repositories& all, const std::string& path) {
  for (const auto& [name, repository] : all) {
    if (path.starts_with(name + "/")) return std::pair(name, path.substr(name.size() + 1));
  }
  return std::nullopt;
}

}  // namespace

std::string ServedRequest::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::string etag_of(const ServedFile& file) {
  if (file.large) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(raw(file.bytes), file.bytes.size(), digest.data());
    return hex(digest.data(), digest.size());
  }
  const std::string blob = "blob " + std::to_string(file.bytes.size()) + '\0' + file.bytes;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(raw(blob), blob.size(), digest.data());
  return hex(digest.data(), digest.size());
}

struct HubServer::State {
  Socket listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  int port = 0;
  Repositories models, datasets;
  std::map<std::string, std::string> storage;  // by SHA-256
  std::function<void(const ServedRequest&, ServedReply&)> change;
  std::vector<ServedRequest> log;
  mutable std::mutex mutex;
  std::atomic<bool> stopped = false;
  Clock::time_point end = Clock::now() + kLifetime;
  std::thread acceptor;
  std::vector<std::thread> connections;

  void listen() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener.descriptor, generic, size) != 0 || ::listen(listener.descriptor, 64) != 0 ||
        ::getsockname(listener.descriptor, generic, &size) != 0) {
      throw std::runtime_error("the test's server cannot listen on the loopback interface");
    }
    port = ntohs(address.sin_port);
    acceptor = std::thread([this] { accept_all(); });
  }

  [[nodiscard]] bool goes_on() const { return !stopped && Clock::now() < end; }

  void accept_all() {
    while (goes_on()) {
      if (!readable(listener.descriptor, kGlance)) continue;
      const int accepted = ::accept4(listener.descriptor, nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted < 0) continue;
      const int at_once = 1;  // a head and its body go out one after the other, without waiting for an answer
      ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
      connections.emplace_back([this, accepted] { serve(accepted); });
    }
  }

  void serve(int accepted) {
    const Socket socket(accepted);
    while (const auto head = read_head(socket.descriptor)) {
      const ServedRequest request = parse_request(*head);
      ServedReply reply;
      {
        const std::lock_guard lock(mutex);
        if (log.size() >= kMostRequests) return;
        log.push_back(request);
        reply = answer(request);
        if (change) change(request, reply);
      }
      if (!send(socket.descriptor, request, reply)) return;
    }
  }

  std::optional<std::string> read_head(int descriptor) const {
    std::string head;
    while (goes_on() && head.size() < kLongestHead) {
      if (!readable(descriptor, kGlance)) continue;
      std::array<char, 4096> buffer{};
      const ssize_t got = ::recv(descriptor, buffer.data(), buffer.size(), 0);
      if (got <= 0) return std::nullopt;
      head.append(buffer.data(), static_cast<std::size_t>(got));
      if (head.ends_with("\r\n\r\n")) return head;
    }
    return std::nullopt;
  }

  bool send(int descriptor, const ServedRequest& request, const ServedReply& reply) const {
    if (reply.no_head) return false;
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " as said\r\n";
    for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
    if (!reply.headers.contains("Content-Length"))
      head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
    if (!send_all(descriptor, head + "\r\n")) return false;
    if (request.method == "HEAD") return true;
    const std::size_t until = std::min({reply.body.size(), reply.cut_after.value_or(reply.body.size()),
                                        reply.silent_after.value_or(reply.body.size())});
    if (!send_body(descriptor, std::string_view(reply.body).substr(0, until), reply.pace)) return false;
    if (reply.silent_after) wait_for_departure(descriptor);
    return until == reply.body.size();
  }

  bool send_body(int descriptor, std::string_view bytes, milliseconds pace) const {
    while (!bytes.empty() && goes_on()) {
      if (!send_all(descriptor, bytes.substr(0, kPiece))) return false;
      bytes.remove_prefix(std::min(kPiece, bytes.size()));
      std::this_thread::sleep_for(pace);
    }
    return bytes.empty();
  }

  void wait_for_departure(int descriptor) const {
    const auto last = Clock::now() + kLongestSilence;
    while (goes_on() && Clock::now() < last && !readable(descriptor, kGlance)) continue;
  }

  [[nodiscard]] ServedReply answer(const ServedRequest& request) const {
    const std::string& path = request.path;
    if (request.is_of_storage()) return stored(request);
    if (path.starts_with("/api/models/")) return listing(request, path.substr(12));
    if (path.starts_with("/datasets/")) return file(request, datasets, path.substr(10));
    return file(request, models, path.substr(1));
  }

  static bool is_shown(const ServedRequest& request, const std::string& token) {
    return token.empty() || request.header("authorization") == "Bearer " + token;
  }

  /// Why a repository or revision cannot be had, or nothing.
  static std::optional<ServedReply> denial(const ServedRequest& request, const ServedRepository& repository,
                                           const std::string& revision) {
    const bool shown = is_shown(request, repository.needs_token);
    if (repository.is_private && !shown) return refusal(401, "RepoNotFound", "Repository not found");
    const auto& known = repository.revisions;
    if (revision == repository.commit || std::find(known.begin(), known.end(), revision) != known.end()) return {};
    return refusal(404, "RevisionNotFound", "Invalid rev id: " + revision);
  }

  static ServedReply unknown(const ServedRequest& request) {
    if (request.header("authorization").empty()) return refusal(401, "", "Invalid username or password.");
    return refusal(404, "RepoNotFound", "Repository not found");
  }

  [[nodiscard]] ServedReply listing(const ServedRequest& request, const std::string& path) const {
    const auto found = split(models, path);
    if (!found || !found->second.starts_with("revision/")) return unknown(request);
    const ServedRepository& repository = models.at(found->first);
    if (!repository.moved_to.empty()) {
      return {307, {{"Location", "/api/models/" + repository.moved_to + "/" + found->second}}};
    }
    if (const auto denied = denial(request, repository, decoded(found->second.substr(9)))) return *denied;
    nlohmann::json siblings = nlohmann::json::array();
    for (const auto& [name, file] : repository.files) siblings.push_back({{"rfilename", name}});
    const nlohmann::json root{{"id", found->first}, {"sha", repository.commit}, {"siblings", siblings}};
    return {200, {{"Content-Type", "application/json"}}, root.dump()};
  }

  [[nodiscard]] ServedReply file(const ServedRequest& request, const Repositories& repositories,
                                 const std::string& path) const {
    const auto found = split(repositories, path);
    if (!found || !found->second.starts_with("resolve/")) return unknown(request);
    const ServedRepository& repository = repositories.at(found->first);
    if (!repository.moved_to.empty()) return {307, {{"Location", "/" + repository.moved_to + "/" + found->second}}};
    const std::size_t slash = found->second.find('/', 8);
    if (const auto denied = denial(request, repository, decoded(found->second.substr(8, slash - 8)))) return *denied;
    if (!is_shown(request, repository.needs_token)) {
      const int status = request.header("authorization").empty() ? 401 : 403;
      return refusal(status, "GatedRepo", "Access to model " + found->first + " is restricted.");
    }
    const auto file = repository.files.find(decoded(found->second.substr(slash + 1)));
    if (file == repository.files.end()) {
      ServedReply missing = refusal(404, "EntryNotFound", "Entry not found");
      missing.headers["X-Repo-Commit"] = repository.commit;
      return missing;
    }
    return file_reply(request, repository, file->second);
  }

  [[nodiscard]] ServedReply file_reply(const ServedRequest& request, const ServedRepository& repository,
                                       const ServedFile& file) const {
    const std::string etag = etag_of(file);
    if (file.large) {
      return {302,
              {{"X-Repo-Commit", repository.commit},
               {"X-Linked-Etag", "\"" + etag + "\""},
               {"X-Linked-Size", std::to_string(file.bytes.size())},
               {"Location", "http://localhost:" + std::to_string(port) + "/storage/" + etag + "?signature=secret"}},
              "Found. Redirecting."};
    }
    ServedReply reply = ranged(request, file.bytes);
    reply.headers["X-Repo-Commit"] = repository.commit;
    reply.headers["ETag"] = "\"" + etag + "\"";
    return reply;
  }

  [[nodiscard]] ServedReply stored(const ServedRequest& request) const {
    const auto found = storage.find(request.path.substr(9));
    if (found == storage.end() || request.method != "GET") return {403, {}, "SignatureDoesNotMatch"};
    ServedReply reply = ranged(request, found->second);
    reply.headers["ETag"] = "\"of-the-storage-alone\"";
    return reply;
  }

  static ServedReply ranged(const ServedRequest& request, const std::string& bytes) {
    const std::string range = request.header("range");
    if (range.empty()) return {200, {}, bytes};
    const std::size_t from = std::stoull(range.substr(6));  // "bytes=N-"
    const std::string size = std::to_string(bytes.size());
    if (from >= bytes.size()) return {416, {{"Content-Range", "bytes */" + size}}};
    const std::string shown = "bytes " + std::to_string(from) + "-" + std::to_string(bytes.size() - 1) + "/" + size;
    return {206, {{"Content-Range", shown}}, bytes.substr(from)};
  }

  void store(const ServedRepository& repository) {
    for (const auto& [name, file] : repository.files) {
      if (file.large) storage[etag_of(file)] = file.bytes;
    }
  }
};

HubServer::HubServer() : state_(std::make_unique<State>()) { state_->listen(); }

HubServer::~HubServer() {
  state_->stopped = true;
  state_->acceptor.join();
  for (std::thread& connection : state_->connections) connection.join();
}

void HubServer::add_model(const std::string& name, const ServedRepository& repository) {
  const std::lock_guard lock(state_->mutex);
  state_->models[name] = repository;
  state_->store(repository);
}

void HubServer::add_dataset(const std::string& name, const ServedRepository& repository) {
  const std::lock_guard lock(state_->mutex);
  state_->datasets[name] = repository;
  state_->store(repository);
}

void HubServer::interfere(std::function<void(const ServedRequest&, ServedReply&)> change) {
  const std::lock_guard lock(state_->mutex);
  state_->change = std::move(change);
}

int HubServer::port() const { return state_->port; }

std::string HubServer::endpoint() const { return "http://127.0.0.1:" + std::to_string(state_->port); }

std::vector<ServedRequest> HubServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->log;
}

void HubServer::forget_requests() {
  const std::lock_guard lock(state_->mutex);
  state_->log.clear();
}

}  // namespace stac::testing
