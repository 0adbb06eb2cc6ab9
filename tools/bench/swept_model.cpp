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
  const auto is_possible = [this](const SweepPoint& point) { static_cast<void>(identity(point)); };
  if (!convert::is_artifact(name)) points_ = parse_sweep(*options.sweep, flags_, is_possible);  // before a download
  folder_ = cli::fetch_model(name, flags.revision, console);
  if (!convert::is_artifact(folder_)) {
    flags.model = folder_.string();
    hash_ = hash_of_checkpoint(folder_);
    return;
  }
  manifest_ = convert::load_artifact(folder_).manifest;
  hash_ = io::sha256_of(convert::manifest_text(*manifest_));
  flags.model = flags.revision = std::nullopt;
  cli::ModelFlags with_own_code = flags_;
  if (!flags.code) with_own_code.conversion.code = snn::code_kind_name(manifest_->options.code.kind);
  points_ = parse_sweep(*options.sweep, with_own_code, is_possible);
}

convert::ConversionOptions SweptModel::conversion_of(const SweepPoint& point) const {
  const cli::ConversionFlags flags = point.applied_to(flags_).conversion;
  if (!manifest_) return convert::resolved(flags.options());
  const convert::CodeChange change = flags.code_change();
  return convert::is_empty(change) ? manifest_->options : convert::retargeted(manifest_->options, change);
}

nlohmann::json SweptModel::identity(const SweepPoint& point) const {
  const cli::ModelFlags flags = point.applied_to(flags_);
  return {{"model", hash_},
          {"options", convert::options_to_json(conversion_of(point))},
          {"retargeted", manifest_ && !convert::is_empty(flags.conversion.code_change())},
          {"goal", flags.conversion.max_ratio.value_or(0.0)},
          {"storage", model::storage_name(flags.storage.storage())}};
}

convert::OpenedModel SweptModel::open(const SweepPoint& point, cli::Console& console) {
  const cli::ModelFlags flags = point.applied_to(flags_);
  const auto require = [&](const model::TransformerConfig& config) {
    eval::require_context(options_.text_plan(config), config);
  };
  if (!manifest_) return cli::open_model(flags, console, require);
  cli::ModelFlags as_it_is = flags;
  as_it_is.conversion = {};
  as_it_is.conversion.model = folder_.string();
  as_it_is.conversion.strict = flags.conversion.strict;
  const convert::CodeChange change = flags.conversion.code_change();
  if (convert::is_empty(change)) return cli::open_model(as_it_is, console, require);
  if (!artifact_ || artifact_->config().storage != flags.storage.storage()) {
    artifact_.reset();  // before the next one takes as much memory
    artifact_ = cli::open_model(as_it_is, console, require);
  }
  convert::OpenedModel model = artifact_->calibrate_timesteps(change);
  console.note("model: " + model.description() + cli::storage_remark(model.config().storage));
  for (const std::string& warning : model.warnings()) console.warn(warning);
  return model;
}

}  // namespace stac::tools
