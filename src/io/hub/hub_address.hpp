// Addresses on the hub.
#pragma once
#include <string>

#include "io/hub/cache_layout.hpp"

namespace stac::io {

/// A repository at one revision.
struct HubAddress {
  RepositoryKind kind = RepositoryKind::model;
  std::string repository;  ///< "org/name"
  std::string revision;    ///< branch, tag or commit
};

/// The page for people: "https://huggingface.co/org/name", ".../datasets/org/name".
[[nodiscard]] std::string page_url(const std::string& endpoint, const HubAddress& address);

/// What the hub knows about the revision: its commit, the names of its files. (Of models.)
[[nodiscard]] std::string listing_url(const std::string& endpoint, const HubAddress& address);

/// The bytes of a file.
[[nodiscard]] std::string file_url(const std::string& endpoint, const HubAddress& address, const std::string& file);

}  // namespace stac::io
