// What a sweep varies: a checkpoint, which every point converts anew, or an artifact, which every point retargets
// (stac/convert/retarget.hpp). Storage is of running, and varies beside either.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench_options.hpp"
#include "bench/sweep_spec.hpp"
#include "stac/cli/console.hpp"
#include "stac/convert/artifact.hpp"

namespace stac::tools {

class SweptModel {
 public:
  /// Finds the model, the bundled one where none is named, and refuses what no point could be made of.
  /// @throws stac::UsageError  a malformed specification; of an artifact: whatever takes data, the checkpoint or other
  ///                           weights, by its name
  /// @throws stac::Error       no such model, or a damaged one
  /// @param options  borrowed
  SweptModel(const BenchOptions& options, cli::Console& console);

  [[nodiscard]] const std::vector<SweepPoint>& points() const { return points_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// What a point's model is a function of: a hash of the files, the options and the storage.
  [[nodiscard]] nlohmann::json identity(const SweepPoint& point) const;

  /// Says on stderr which model it is, and its warnings.
  [[nodiscard]] convert::OpenedModel open(const SweepPoint& point, cli::Console& console);

 private:
  /// What the point is converted or retargeted to. @throws stac::UsageError  nothing that there is
  [[nodiscard]] convert::ConversionOptions conversion_of(const SweepPoint& point) const;

  const BenchOptions& options_;
  cli::ModelFlags flags_;  ///< of an artifact without the model
  std::filesystem::path folder_;
  std::string hash_;
  std::optional<convert::Manifest> manifest_;     ///< the artifact's
  std::optional<convert::OpenedModel> artifact_;  ///< as the last point stored it, once one was opened
  std::vector<SweepPoint> points_;
};

}  // namespace stac::tools
