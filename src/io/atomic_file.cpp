#include "stac/io/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "io/temporary_sibling.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

/// A pipe or a device cannot be replaced, only written to: `--json=/dev/stdout`.
bool is_stream(const fs::path& path) {
  std::error_code ignored;
  const fs::file_type type = fs::status(path, ignored).type();
  return type == fs::file_type::character || type == fs::file_type::fifo || type == fs::file_type::socket;
}

void write_stream(const fs::path& path, std::string_view bytes) {
  const FileDescriptor stream(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!stream.is_open()) throw Error(path.string() + ": cannot be opened: " + system_reason());
  write_all(stream.get(), std::as_bytes(std::span(bytes.data(), bytes.size())), path);
}

}  // namespace

struct AtomicFile::State {
  fs::path target;
  TemporarySibling temporary;
  bool published = false;
};

AtomicFile::AtomicFile(const fs::path& target) {
  const fs::path resolved = resolve_target(target);
  if (fs::exists(resolved) && !fs::is_regular_file(resolved)) {
    throw Error(resolved.string() + ": is not a regular file, and is not replaced by one", "choose another name");
  }
  clear_leftovers(resolved.parent_path());
  state_ = std::make_unique<State>(State{resolved, make_temporary_file(resolved)});
}

AtomicFile::~AtomicFile() {
  if (!state_->published) ::unlink(state_->temporary.path.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write_all(state_->temporary.lock.get(), bytes, state_->target);
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

void AtomicFile::publish() {
  sync(state_->temporary.lock.get(), state_->target);
  if (std::rename(state_->temporary.path.c_str(), state_->target.c_str()) != 0) {
    throw Error(state_->target.string() + ": cannot be written: " + system_reason(),
                "check that it is not a folder, and the permissions of its folder");
  }
  state_->published = true;
  sync_path(state_->target.parent_path());
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  if (is_stream(path)) return write_stream(path, bytes);
  AtomicFile file(path);
  file.write(bytes);
  file.publish();
}

void require_writable_file(const fs::path& path) {
  if (is_stream(path)) return;
  const AtomicFile probe(path);
}

}  // namespace stac::io
