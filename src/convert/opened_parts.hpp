// What an opened model holds: where it came from, and the parts that were asked for so far.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "convert/source_checkpoint.hpp"
#include "convert/stored_network.hpp"
#include "stac/convert/artifact.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/model/dense_model.hpp"

namespace stac::convert {

struct OpenedModel::Parts {
  std::string name;
  std::string description;
  bool from_artifact = false;
  bool cuda = false;                ///< see ModelRequest
  bool has_source_weights = false;  ///< `weights` are the source's own, unchanged
  Manifest manifest;
  nlohmann::json manifest_json;
  io::Checkpoint checkpoint;        ///< the artifact's own, or the converted one
  model::TransformerConfig config;  ///< the activation choice applied
  std::optional<io::Checkpoint> dense;

  std::optional<StoredNetwork> network;
  std::map<snn::EngineKind, std::shared_ptr<const snn::SpikingModel>> spiking;
  std::unique_ptr<const model::DenseModel> ann;
  std::optional<FoundSource> found_source;
  std::unique_ptr<const model::DenseModel> source;
  std::unique_ptr<const text::Tokenizer> tokenizer;
  std::optional<text::TokenizerConfig> tokenizer_config;
  std::optional<text::ChatTemplate> chat_template;

  /// @param reason  why this model was taken, for the description; may be empty
  static std::unique_ptr<Parts> of(Artifact artifact, const std::string& reason);
  static std::unique_ptr<Parts> of(Conversion conversion, const std::string& reason);

  /// Of `checkpoint`, read when first asked for.
  const StoredNetwork& own_network();
  /// The user's --dense, the converted checkpoint itself, or the manifest's source; looked for once.
  const FoundSource& find_source_once();
};

}  // namespace stac::convert
