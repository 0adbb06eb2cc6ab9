// SHA-256, as FIPS 180-4 defines it (computed by OpenSSL).
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace stac::io {

/// Hashes what is fed to it piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);

  /// 64 lower-case hex digits. Call once.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_of(std::string_view text);

/// Streams the file: memory does not grow with it. @throws stac::Error naming the file
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace stac::io
