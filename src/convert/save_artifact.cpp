#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "convert/artifact_files.hpp"
#include "convert/artifact_tensors.hpp"
#include "convert/model_card.hpp"
#include "stac/convert/artifact.hpp"
#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/atomic_folder.hpp"
#include "stac/io/mapped_file.hpp"
#include "stac/io/safetensors.hpp"
#include "stac/io/sha256.hpp"
#include "stac/model/tensors.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;

io::IfExists policy_of(Overwrite overwrite) {
  return overwrite == Overwrite::replace ? io::IfExists::replace : io::IfExists::refuse;
}

void require_apart(const fs::path& output, const fs::path& source) {
  if (!io::output_conflicts_with_source(output, source)) return;
  throw Error(output.string() + ": the output is the model folder " + source.string() + ", lies in it or holds it",
              "choose another --output");
}

/// What may be removed without a second look: an artifact, or an empty folder.
void require_replaceable(const fs::path& output) {
  std::error_code failed;
  if (!file_exists(output) || is_artifact(output) || fs::is_empty(output, failed)) return;
  throw Error(output.string() + ": is no artifact of STAC, so it is not replaced",
              "choose another --output, or remove the folder yourself");
}

/// The manifest records where the source was, and JSON holds UTF-8 only.
void require_sayable(const fs::path& source) {
  try {
    static_cast<void>(nlohmann::json(recorded_path(source).string()).dump());
  } catch (const nlohmann::json::exception&) {
    throw Error(source.string() + ": the path of the model is not UTF-8, so stac.json cannot name it",
                "rename the folder");
  }
}

void require_allowed(const fs::path& output, const io::Checkpoint& source, Overwrite overwrite) {
  require_apart(output, source.folder);
  if (overwrite == Overwrite::replace) require_replaceable(output);
}

void copy_whole(const fs::path& from, const fs::path& to) {
  const auto file = io::MappedFile::open(from);
  io::AtomicFile copy(to);
  copy.write(file->bytes());
  copy.publish();
}

void copy_small_files(const fs::path& source, const fs::path& folder) {
  copy_whole(source / kConfigFile, folder / kConfigFile);
  for (const std::string_view name : io::kCompanionFiles) {
    if (file_exists(source / name)) copy_whole(source / name, folder / name);
  }
}

/// The source's tensors that the artifact holds too: int8 weights leave it the embeddings.
std::vector<std::string> kept_tensors(const Conversion& conversion) {
  if (conversion.quantized.empty()) return conversion.used;
  return model::load_embeddings(conversion.config, *conversion.source.tensors).used;
}

void write_weights(const Conversion& conversion, const fs::path& path) {
  const io::TensorStore& store = *conversion.source.tensors;
  std::vector<io::TensorView> views;  // keep the bytes that the tensors borrow
  std::vector<io::NamedTensor> tensors;
  const auto add = [&](const std::string& name, const io::TensorView& view) {
    views.push_back(view);
    tensors.push_back({name, view.dtype, view.shape, view.bytes, view.mapped});
  };
  for (const std::string& name : kept_tensors(conversion)) {
    const auto changed = std::ranges::find(conversion.changed, name, &model::StoredTensor::name);
    add(name, changed == conversion.changed.end() ? store.tensor(name) : model::to_view(changed->value));
  }
  for (const model::StoredTensor& part : plan_tensors(conversion.plan)) add(part.name, model::to_view(part.value));
  for (const model::StoredTensor& part : quantized_tensors(conversion.quantized)) {
    add(part.name, model::to_view(part.value));
  }
  io::write_safetensors(path, std::move(tensors), {{"format", "pt"}});
}

std::map<std::string, FileRecord> records(const fs::path& folder) {
  std::map<std::string, FileRecord> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename().string()] = {entry.file_size(), io::sha256_of_file(entry.path())};
  }
  return files;
}

void require_source_unchanged(const Conversion& conversion) {
  if (io::checkpoint_sha256(conversion.source) == conversion.source_sha256) return;
  throw Error(conversion.source.folder.string() + ": changed while it was converted", "convert it again");
}

}  // namespace

fs::path default_output(const std::string& name, const ConversionOptions& options) {
  const bool automatic = options.goal && options.goal->minimise == Minimise::timesteps;
  return "./" + name + "-snn-t" + (automatic ? "auto" : std::to_string(options.code.timesteps));
}

void require_writable_output(const fs::path& output, const io::Checkpoint& source, Overwrite overwrite) {
  require_sayable(source.folder);
  require_allowed(output, source, overwrite);
  const io::AtomicFolder probe(output, policy_of(overwrite));
}

fs::path save_artifact(const Conversion& conversion, const fs::path& output, Overwrite overwrite,
                       const std::function<void(const fs::path& folder)>& add_files) {
  require_allowed(output, conversion.source, overwrite);
  io::AtomicFolder folder(output, policy_of(overwrite));
  copy_small_files(conversion.source.folder, folder.path());
  write_weights(conversion, folder.path() / kWeightsFile);
  if (add_files) add_files(folder.path());
  Manifest manifest = describe(conversion);
  manifest.files = records(folder.path());
  io::write_file_atomically(folder.path() / kManifestFile, manifest_text(manifest));
  io::write_file_atomically(folder.path() / kCardFile, model_card(manifest, conversion.source.folder));
  require_source_unchanged(conversion);
  folder.publish();
  return folder.target();
}

}  // namespace stac::convert
