// stac.json: what an artifact says about itself. Format: docs/artifact.md.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stac/convert/conversion_options.hpp"
#include "stac/convert/converter.hpp"

namespace stac::convert {

inline constexpr std::int64_t kArtifactFormatVersion = 7;

struct FileRecord {
  std::uint64_t size = 0;  ///< bytes
  std::string sha256;      ///< 64 lower-case hex digits
};

struct Manifest {
  std::string stac_version;
  SourceRecord source;
  ConversionOptions options;
  std::optional<SwapRecord> swap;
  std::optional<ThresholdRecord> calibration;
  std::optional<AllocationRecord> allocation;
  std::optional<LogitScaleRecord> logit_scale;
  std::optional<RetargetRecord> retargeted;
  Measurement measured;
  std::optional<QualityRecord> quality;
  std::vector<std::string> fallbacks;
  std::vector<std::string> warnings;
  std::map<std::string, FileRecord> files;  ///< every file but stac.json and README.md, by name
};

/// Without files: what a conversion says before it is saved.
[[nodiscard]] Manifest describe(const Conversion& conversion);

[[nodiscard]] nlohmann::json manifest_to_json(const Manifest& manifest);

/// The text of stac.json: canonical (sorted keys, two blanks a level), with a digest of itself.
[[nodiscard]] std::string manifest_text(const Manifest& manifest);

/// @param where  names the file in errors
/// @throws stac::Error  an unknown format version, a field missing, unknown, or of the wrong type or value (named); a
///         text that is not, byte for byte, what manifest_text() wrote
[[nodiscard]] Manifest parse_manifest(std::string_view text, const std::string& where);

}  // namespace stac::convert
