// A Hugging Face hub for tests, on the loopback interface: it answers as the real one does, and as badly as a test
// wants.
//
// What the real one sends (huggingface_hub is its client here too, tests/io/hub_python_test.cpp): small files carry
// git's SHA-1 of their blob as ETag; large ones are redirected to a storage host, with X-Linked-Etag (their SHA-256)
// and X-Linked-Size on the redirect; X-Repo-Commit is on both; refusals carry X-Error-Code.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stac::testing {

struct ServedFile {
  std::string bytes;
  bool large = false;  ///< kept in the storage host
};

struct ServedRepository {
  std::string commit;
  std::map<std::string, ServedFile> files = {};
  std::vector<std::string> revisions = {"main"};
  std::string needs_token = {};  ///< to read its files; empty: nobody asks
  bool is_private = false;       ///< without the token it does not even exist
  std::string moved_to = {};     ///< its present name
};

struct ServedRequest {
  std::string method, path, host;
  std::map<std::string, std::string> headers;  ///< by their names in lower case
  [[nodiscard]] std::string header(const std::string& name) const;
  [[nodiscard]] bool is_of_storage() const { return path.starts_with("/storage/"); }
};

struct ServedReply {
  int status = 200;
  std::map<std::string, std::string> headers = {};
  std::string body = {};
  std::optional<std::size_t> cut_after = {};     ///< bytes of the body; then the connection is closed
  std::optional<std::size_t> silent_after = {};  ///< bytes of the body; then nothing, until the client leaves
  bool no_head = false;                          ///< the connection is closed in place of an answer
  std::chrono::milliseconds pace{0};             ///< between pieces of 16 KiB
};

/// Serves until it is destroyed, at most 100,000 requests and three minutes.
class HubServer {
 public:
  HubServer();
  ~HubServer();
  HubServer(const HubServer&) = delete;
  HubServer& operator=(const HubServer&) = delete;

  void add_model(const std::string& name, const ServedRepository& repository);
  void add_dataset(const std::string& name, const ServedRepository& repository);

  /// What happens to the replies of an orderly hub; called by one thread at a time.
  void interfere(std::function<void(const ServedRequest&, ServedReply&)> change);

  [[nodiscard]] int port() const;
  [[nodiscard]] std::string endpoint() const;  ///< http://127.0.0.1:PORT; the storage host is localhost:PORT
  [[nodiscard]] std::vector<ServedRequest> requests() const;
  void forget_requests();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What the hub names a file's contents by.
[[nodiscard]] std::string etag_of(const ServedFile& file);

}  // namespace stac::testing
