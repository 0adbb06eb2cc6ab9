// The checkpoint that a model was made from: what every spiking figure is held against.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "stac/convert/manifest.hpp"
#include "stac/io/checkpoint.hpp"

namespace stac::convert {

/// A checkpoint, or why there is none.
struct FoundSource {
  std::optional<io::Checkpoint> checkpoint;
  std::string missing_reason;  ///< empty where there is one
};

/// The manifest's source, if it is still where it was and what it was. Never throws for a source that is not.
[[nodiscard]] FoundSource find_source(const SourceRecord& record);

/// The checkpoint that the user names with --dense, compared with the source on record by nothing but its vocabulary.
/// @throws stac::Error  not found, broken, or of another vocabulary size
[[nodiscard]] io::Checkpoint open_dense(const std::filesystem::path& path, std::int64_t vocab_size);

}  // namespace stac::convert
