#include "io/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <string_view>

#include "stac/error.hpp"

namespace stac::io {
namespace {

void require(int status) {
  if (status != 1) throw Error("a hash failed in the OpenSSL library", "check the OpenSSL installation");
}

}  // namespace

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex(state_->context, kind == DigestKind::sha1 ? EVP_sha1() : EVP_sha256(), nullptr));
}

Digest::~Digest() = default;

void Digest::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

std::string Digest::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(state_->context, digest.data(), &size));
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4U];
    text += kDigits[digest[i] & 15U];
  }
  return text;
}

}  // namespace stac::io
