// Message digests, computed by OpenSSL.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace stac::io {

enum class DigestKind { sha1, sha256 };

/// Hashes what is fed to it piece by piece.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void update(std::span<const std::byte> bytes);

  /// Lower-case hex digits. Call once.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stac::io
