#include "stac/io/atomic_file.hpp"

#include <unistd.h>

#include <cstdio>

#include "io/temporary_sibling.hpp"
#include "stac/error.hpp"

namespace stac::io {

struct AtomicFile::State {
  std::filesystem::path target;
  TemporarySibling temporary;
  bool published = false;
};

AtomicFile::AtomicFile(const std::filesystem::path& target) {
  const std::filesystem::path resolved = resolve_target(target);
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

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.publish();
}

}  // namespace stac::io
