#include "convert/source_checkpoint.hpp"

#include "convert/artifact_files.hpp"
#include "stac/error.hpp"
#include "stac/io/hub.hpp"
#include "stac/model/config.hpp"

namespace stac::convert {

FoundSource find_source(const SourceRecord& record) {
  const std::string place = record.path.string();
  const std::string remedy = "; name it with --dense PATH";
  if (!file_exists(record.path)) return {std::nullopt, "the source checkpoint " + place + " is gone" + remedy};
  try {
    io::Checkpoint checkpoint = io::open_checkpoint(record.path);
    if (io::checkpoint_sha256(checkpoint) == record.sha256) return {std::move(checkpoint), {}};
  } catch (const Error& error) {
    return {std::nullopt, "the source checkpoint cannot be opened: " + std::string(error.what())};
  }
  return {std::nullopt, "the source checkpoint " + place + " has changed since the conversion" + remedy};
}

io::Checkpoint open_dense(const std::filesystem::path& path, std::int64_t vocab_size) {
  io::Checkpoint checkpoint = io::open_checkpoint(io::resolve_model(path.string()));
  const model::TransformerConfig config = model::parse_config(checkpoint.config);
  if (config.vocab_size == vocab_size) return checkpoint;
  throw Error("--dense " + path.string() + ": its vocabulary of " + std::to_string(config.vocab_size) +
                  " is not the model's of " + std::to_string(vocab_size),
              "name the checkpoint that the model was converted from");
}

}  // namespace stac::convert
