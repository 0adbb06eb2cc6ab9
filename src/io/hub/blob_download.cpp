#include "io/hub/blob_download.hpp"

#include <algorithm>
#include <string>

#include "io/digest.hpp"
#include "io/hub/blob_lock.hpp"
#include "io/hub/partial_file.hpp"
#include "io/hub/refusal.hpp"
#include "io/printable.hpp"
#include "stac/error.hpp"
#include "stac/io/byte_text.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

constexpr int kPartialContent = 206;
constexpr int kRangeNotSatisfiable = 416;

/// Bytes that cannot be a part of the file: what has arrived of it is given up.
class WrongBytes : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::uint64_t size_of(const fs::path& path) {
  std::error_code failed;
  const std::uintmax_t size = fs::file_size(path, failed);
  return failed ? 0 : size;
}

/// "bytes 100-199/200", as RFC 9110 has it; `*` for an unknown length.
bool is_range_from(const std::string& content_range, std::uint64_t offset, std::uint64_t size) {
  const std::string from = "bytes " + std::to_string(offset) + "-";
  if (!content_range.starts_with(from)) return false;
  const std::string length = content_range.substr(std::min(content_range.find('/'), content_range.size()));
  return length == "/" + std::to_string(size) || length == "/*";
}

/// Fills one partial file.
class Transfer {
 public:
  Transfer(HubClient& client, const HubAddress& address, const RemoteFile& file, PartialFile& part)
      : client_(client), address_(address), file_(file), part_(part), retry_(client.retry(file.name)) {
    if (part_.size() > file_.size) part_.restart();
    furthest_ = part_.size();
    receiver_.begin = [this](const HttpHead& head) { begin(head); };
    receiver_.take = [this](std::span<const std::byte> bytes) { take(bytes); };
    receiver_.tick = [this] { client_.progress().tick(); };
    client_.progress().reached(part_.size());
  }

  /// Until the last byte. @throws stac::Error
  void run() {
    while (part_.size() < file_.size) attempt();
  }

 private:
  void attempt() {
    try {
      const HttpHead head = client_.read(address_, file_.name, part_.size(), receiver_);
      if (part_.size() == file_.size) return;
      judge(head);
    } catch (const ConnectionError& error) {
      refuse_hopeless(client_.access(), error);
      wait("the connection failed", error.what());
    } catch (const WrongBytes& error) {
      part_.restart();
      wait("wrong bytes", error.what());
    }
  }

  void begin(const HttpHead& head) {
    if (head.status == kPartialContent) {
      const std::string range = head.header("content-range");
      if (!is_range_from(range, part_.size(), file_.size)) throw WrongBytes("a range of " + in_quotes(range));
    } else if (part_.size() > 0) {
      part_.restart();  // the server sends the whole file: it has no ranges
    }
  }

  void take(std::span<const std::byte> bytes) {
    if (part_.size() + bytes.size() > file_.size) {
      throw WrongBytes("more than the " + std::to_string(file_.size) + " bytes of the file");
    }
    part_.append(bytes);
    client_.progress().reached(part_.size());
    if (part_.size() <= furthest_) return;
    furthest_ = part_.size();
    retry_.progressed();
  }

  /// A reply that ended before the file did.
  void judge(const HttpHead& head) {
    if (head.is_success()) return wait("the transfer ended early", {});
    if (head.status == kRangeNotSatisfiable && part_.size() > 0) throw WrongBytes("no such range");
    if (!is_passing(head.status)) refuse(client_.access(), address_, file_.name, head);
    retry_.wait_after("the server answers " + std::to_string(head.status), retry_after(head));
  }

  void wait(const std::string& failure, const std::string& reason) {
    retry_.wait_after(failure + " at " + byte_text(part_.size()) + " of " + byte_text(file_.size) +
                      (reason.empty() ? "" : " (" + reason + ")"));
  }

  HubClient& client_;
  const HubAddress& address_;
  const RemoteFile& file_;
  PartialFile& part_;
  Retry retry_;
  HttpReceiver receiver_;
  std::uint64_t furthest_ = 0;
};

/// What the etag is of: SHA-256 of the contents, or SHA-1 of git's blob "blob <size>\0<contents>".
std::string hash_of(const fs::path& path, const RemoteFile& file, const DownloadProgress& progress) {
  const bool is_git = file.etag.size() == 40;
  Digest digest(is_git ? DigestKind::sha1 : DigestKind::sha256);
  if (is_git) {
    const std::string head = "blob " + std::to_string(file.size) + '\0';
    digest.update(std::as_bytes(std::span(head.data(), head.size())));
  }
  read_in_blocks(path, [&](std::span<const std::byte> block) {
    digest.update(block);
    progress.tick();
  });
  return digest.hex();
}

}  // namespace

fs::path partial_path(const fs::path& blob) { return blob.string() + ".incomplete"; }

bool has_blob(const RepositoryCache& cache, const RemoteFile& file) {
  std::error_code failed;
  return fs::file_size(cache.blob(file.etag), failed) == file.size && !failed;
}

std::uint64_t bytes_there(const RepositoryCache& cache, const RemoteFile& file) {
  if (has_blob(cache, file)) return file.size;
  const std::uint64_t part = size_of(partial_path(cache.blob(file.etag)));
  return part > file.size ? 0 : part;
}

void download_blob(HubClient& client, const HubAddress& address, const RepositoryCache& cache, const RemoteFile& file) {
  const fs::path blob = cache.blob(file.etag);
  make_folders(blob.parent_path());
  const BlobLock lock(
      cache.lock(file.etag),
      [&] { client.progress().warn(file.name + ": another process is downloading it; waiting for that one"); },
      [&] { client.progress().tick(); });
  if (has_blob(cache, file)) return;
  PartialFile part(partial_path(blob));
  std::string hash;
  for (int chance = 0; chance < 2; ++chance) {  // a part of an earlier run may be what was wrong
    Transfer(client, address, file, part).run();
    hash = hash_of(partial_path(blob), file, client.progress());
    if (hash == file.etag) return part.publish(blob);
    part.restart();
    if (chance == 0) client.progress().warn(file.name + ": its contents are not what its hash says; reading it again");
  }
  part.remove();
  throw Error(file.name + ": its contents have the hash " + hash + " instead of " + file.etag + ", twice",
              "something between here and " + host_of(client.access().endpoint) +
                  " changes files: check the proxy, or set HF_ENDPOINT to another mirror");
}

}  // namespace stac::io
