// A file that arrives in pieces, over several runs if need be.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "io/file_descriptor.hpp"

namespace stac::io {

/// Bytes are only ever added at its end, so that whatever stops the program leaves a part to go on from.
class PartialFile {
 public:
  /// Opens what an earlier run left, or begins. @throws stac::Error naming the file
  explicit PartialFile(const std::filesystem::path& path);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  void append(std::span<const std::byte> bytes);
  void restart();

  /// Makes it durable and gives it its name, in one step.
  void publish(const std::filesystem::path& name);
  void remove();

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace stac::io
