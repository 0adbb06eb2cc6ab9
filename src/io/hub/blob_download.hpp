// One file's contents into the cache.
#pragma once
#include "io/hub/cache_layout.hpp"
#include "io/hub/hub_client.hpp"

namespace stac::io {

/// Where a blob grows until it is whole.
[[nodiscard]] std::filesystem::path partial_path(const std::filesystem::path& blob);

/// Whether the blob is there, with the size that it should have.
[[nodiscard]] bool has_blob(const RepositoryCache& cache, const RemoteFile& file);

/// Bytes of it that are there already: all, a part, or none.
[[nodiscard]] std::uint64_t bytes_there(const RepositoryCache& cache, const RemoteFile& file);

/// Makes the blob be there: waits for another process that is at it, goes on from a part, tries again where that can
/// help, and checks size and hash.
/// @param address  of the revision that `file` was described at
/// @throws stac::Error  a refusal; failures that do not pass; contents of another hash, twice; a full disk
void download_blob(HubClient& client, const HubAddress& address, const RepositoryCache& cache, const RemoteFile& file);

}  // namespace stac::io
