#include "bench/swept_model.hpp"

#include <nlohmann/json.hpp>

#include "stac/cli/model_download.hpp"
#include "stac/io/checkpoint.hpp"
#include "stac/io/file_fingerprint.hpp"
#include "stac/io/sha256.hpp"

namespace stac::tools {

namespace {

constexpr const char* kBundled = "stac-tiny";  ///< an artifact written last is swept over where it is named alone

std::string hash_of_checkpoint(const std::filesystem::path& folder) {
  const io::Checkpoint checkpoint = io::open_checkpoint(folder);
  std::string hashes = checkpoint.config.dump();
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".safetensors") {
      hashes += entry.path().filename().string() + io::verified_sha256(entry.path(), io::HashPolicy::remembered);
    }
  }
  return io::sha256_of(hashes);
}

}  // namespace

SweptModel::SweptModel(const BenchOptions& options, cli::Console& console) : options_(options), flags_(options.model) {
  cli::ConversionFlags& flags = flags_.conversion;
  const std::string name = flags.model.value_or(kBundled);
  const auto converts = [&](const SweepPoint& point) { static_cast<void>(point.applied_to(flags).options()); };
  if (!convert::is_artifact(name)) points_ = parse_sweep(*options.sweep, flags, converts);  // before a download
  folder_ = cli::fetch_model(name, flags.revision, console);
  if (!convert::is_artifact(folder_)) {
    flags.model = folder_.string();
    hash_ = hash_of_checkpoint(folder_);
    return;
  }
  manifest_ = convert::load_artifact(folder_).manifest;
  hash_ = io::sha256_of(convert::manifest_text(*manifest_));
  flags.model = flags.revision = std::nullopt;
  if (!flags.code) flags.code = snn::code_kind_name(manifest_->options.code.kind);
  points_ = parse_sweep(*options.sweep, flags, [&](const SweepPoint& point) {
    static_cast<void>(convert::retargeted(manifest_->options, change_of(point)));
  });
}

convert::CodeChange SweptModel::change_of(const SweepPoint& point) const {
  return point.applied_to(flags_.conversion).code_change();
}

nlohmann::json SweptModel::identity(const SweepPoint& point) const {
  const cli::ConversionFlags flags = point.applied_to(flags_.conversion);
  const convert::ConversionOptions options =
      manifest_ ? convert::retargeted(manifest_->options, flags.code_change()) : convert::resolved(flags.options());
  return {{"model", hash_}, {"options", convert::options_to_json(options)}, {"goal", flags.max_ratio.value_or(0.0)}};
}

convert::OpenedModel SweptModel::open(const SweepPoint& point, cli::Console& console) {
  cli::ModelFlags flags = flags_;
  const auto require = [&](const model::TransformerConfig& config) {
    eval::require_context(options_.text_plan(config), config);
  };
  if (!manifest_) {
    flags.conversion = point.applied_to(flags_.conversion);
    return cli::open_model(flags, console, require);
  }
  if (!artifact_) {
    flags.conversion = {};
    flags.conversion.model = folder_.string();
    flags.conversion.strict = flags_.conversion.strict;
    artifact_ = cli::open_model(flags, console, require);
  }
  convert::OpenedModel model = artifact_->calibrate_timesteps(change_of(point));
  console.note("model: " + model.description());
  for (const std::string& warning : model.warnings()) console.warn(warning);
  return model;
}

}  // namespace stac::tools
