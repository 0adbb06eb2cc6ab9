// Questions to the hub: redirects followed, the token shown to the endpoint alone.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "io/hub/download_progress.hpp"
#include "io/hub/http.hpp"
#include "io/hub/hub_address.hpp"
#include "io/hub/retry.hpp"
#include "stac/io/hub_access.hpp"

namespace stac::io {

/// A revision, as the hub lists it.
struct Listing {
  std::string commit;
  std::vector<std::string> files;
};

/// A file, as the hub describes it.
struct RemoteFile {
  std::string name;    ///< inside the repository
  std::string commit;  ///< of the repository
  std::string etag;    ///< 64 hex digits: SHA-256 of the contents; 40: SHA-1 of git's blob of them
  std::uint64_t size = 0;
};

class HubClient {
 public:
  /// Both are borrowed.
  HubClient(const HubAccess& access, DownloadProgress& progress);

  /// @throws HubUnreachable
  /// @throws stac::Error  a refusal (refusal.hpp); an answer that is not the hub's; failures that do not pass
  [[nodiscard]] Listing list(const HubAddress& address);
  [[nodiscard]] RemoteFile describe(const HubAddress& address, const std::string& file);

  /// One attempt at a file's bytes from `offset` on.
  /// @return the head of the last reply, whatever its status
  /// @throws ConnectionError
  HttpHead read(const HubAddress& address, const std::string& file, std::uint64_t offset, const HttpReceiver& receiver);

  [[nodiscard]] const HubAccess& access() const { return access_; }
  [[nodiscard]] DownloadProgress& progress() const { return progress_; }
  [[nodiscard]] Retry retry(const std::string& subject) const;

 private:
  /// Requests and follows redirects, until a reply is none or is enough.
  HttpHead follow(
      HttpRequest request, const HttpReceiver& receiver,
      const std::function<bool(const HttpHead&)>& is_enough = [](const HttpHead&) { return false; });

  const HubAccess& access_;
  DownloadProgress& progress_;
  std::string origin_;
  HttpConnection connection_;
};

}  // namespace stac::io
