#include "stac/io/sha256.hpp"

#include "io/digest.hpp"
#include "io/file_descriptor.hpp"

namespace stac::io {

struct Sha256::State {
  Digest digest{DigestKind::sha256};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}

Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) { state_->digest.update(bytes); }

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text.data(), text.size()))); }

std::string Sha256::hex() { return state_->digest.hex(); }

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex();
}

std::string sha256_of_file(const std::filesystem::path& path) {
  Sha256 hash;
  read_in_blocks(path, [&](std::span<const std::byte> block) { hash.update(block); });
  return hash.hex();
}

}  // namespace stac::io
