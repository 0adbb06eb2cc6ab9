#include <filesystem>
#include <string>
#include <utility>

#include "convert/opened_parts.hpp"
#include "stac/convert/artifact.hpp"
#include "stac/convert/last_artifact.hpp"
#include "stac/error.hpp"
#include "stac/io/hub.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBundledModel = "stac-tiny";

/// A folder, and why it was taken.
struct Choice {
  fs::path folder;
  std::string reason;
};

Choice choose(const ModelRequest& request) {
  if (request.model) return {io::resolve_model(*request.model), {}};
  if (const auto last = last_artifact()) return {*last, "written last"};
  return {io::resolve_model(kBundledModel), "bundled"};
}

std::string in_brackets(const std::string& reason) { return reason.empty() ? reason : " (" + reason + ")"; }

void require_no_contradiction(const ModelRequest& request, const ConversionOptions& recorded) {
  const auto asked = flag_values(resolved(request.options));
  const auto there = flag_values(recorded);
  for (const std::string& flag : request.given) {
    if (asked.at(flag) == there.at(flag)) continue;
    throw UsageError(
        "--" + flag + " " + asked.at(flag) + ": the artifact was converted with " + flag + " " + there.at(flag),
        "leave the flag out, or convert the checkpoint again with it");
  }
}

io::HashPolicy hashes_for(const ModelRequest& request) {
  return request.verify ? io::HashPolicy::recomputed : io::HashPolicy::remembered;
}

}  // namespace

std::unique_ptr<OpenedModel::Parts> OpenedModel::Parts::of(Artifact artifact, const std::string& reason) {
  auto parts = std::make_unique<Parts>();
  parts->from_artifact = true;
  parts->description =
      "artifact " + artifact.folder.string() + in_brackets(reason) + ", " + code_text(artifact.manifest.options.code);
  parts->config = apply(artifact.manifest.options, model::parse_config(artifact.checkpoint.config));
  if (artifact.manifest.logit_scale) parts->config.logit_scale = artifact.manifest.logit_scale->scale;
  parts->manifest = std::move(artifact.manifest);
  parts->checkpoint = std::move(artifact.checkpoint);
  return parts;
}

std::unique_ptr<OpenedModel::Parts> OpenedModel::Parts::of(Conversion conversion, const std::string& reason) {
  auto parts = std::make_unique<Parts>();
  parts->description = "checkpoint " + conversion.source.folder.string() + in_brackets(reason) +
                       ", converted in memory: " + code_text(conversion.options.code);
  parts->manifest = describe(conversion);
  parts->checkpoint = std::move(conversion.source);
  parts->config = conversion.config;
  parts->has_source_weights = !conversion.swap && conversion.quantized.empty();
  parts->network = StoredNetwork{conversion.weights, std::move(conversion.plan), std::move(conversion.quantized),
                                 std::move(conversion.used)};
  return parts;
}

OpenedModel open_model(const ModelRequest& request, const Progress& progress) {
  require_valid(request.options);
  const Choice choice = choose(request);
  std::unique_ptr<OpenedModel::Parts> parts;
  if (is_artifact(choice.folder)) {
    Artifact artifact = load_artifact(choice.folder, hashes_for(request));
    require_no_contradiction(request, artifact.manifest.options);
    parts = OpenedModel::Parts::of(std::move(artifact), choice.reason);
    if (request.require) request.require(parts->config);
  } else {
    io::Checkpoint checkpoint = io::open_checkpoint(choice.folder);
    if (request.require) request.require(apply(request.options, model::parse_config(checkpoint.config)));
    parts = OpenedModel::Parts::of(convert(std::move(checkpoint), request.options, progress, request.calibration),
                                   choice.reason);
  }
  if (request.strict) require_no_fallbacks(parts->manifest.fallbacks);
  parts->config.storage = request.storage;
  parts->cuda = request.cuda;
  parts->name = parts->checkpoint.name;
  parts->manifest_json = manifest_to_json(parts->manifest);
  if (request.dense) parts->dense = open_dense(*request.dense, parts->config.vocab_size);
  return OpenedModel(std::move(parts));
}

}  // namespace stac::convert
