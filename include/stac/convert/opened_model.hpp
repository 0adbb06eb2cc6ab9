// The model that a tool works on: what `--model` and its neighbours ask for, opened.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "stac/convert/conversion_options.hpp"
#include "stac/convert/converter.hpp"
#include "stac/convert/retarget.hpp"
#include "stac/model/language_model.hpp"
#include "stac/snn/spiking_model.hpp"
#include "stac/text/chat_template.hpp"
#include "stac/text/tokenizer.hpp"
#include "stac/text/tokenizer_config.hpp"

namespace stac::convert {

struct ModelRequest {
  /// Artifact or checkpoint folder, bundled name or hub id; none: see open_model.
  std::optional<std::string> model = {};
  ConversionOptions options = {};       ///< for a checkpoint, which is converted in memory
  std::vector<std::string> given = {};  ///< conversion flags that the user gave: an artifact must not contradict them
  CalibrationRequest calibration = {};  ///< for an activation swap
  std::optional<std::filesystem::path> dense = {};  ///< the source checkpoint, instead of where the manifest says
  model::Storage storage = {};                      ///< of its membranes and its cache
  bool cuda = false;                                ///< the fused engine's projections run on the GPU
  bool verify = false;                              ///< read every byte of an artifact again
  bool strict = false;                              ///< refuse a model whose conversion had to fall back
  /// Throws where the model is not one that the caller has use for; called before anything is converted.
  std::function<void(const model::TransformerConfig& config)> require = {};
};

/// What a dense network is made of.
struct DenseParts {
  model::TransformerConfig config;
  std::shared_ptr<const model::TransformerWeights> weights;
};

/// Parts are built when first asked for, and kept. Not for use by several threads at once; the parts themselves are
/// immutable and may be shared.
class OpenedModel {
 public:
  OpenedModel(OpenedModel&&) noexcept;
  OpenedModel& operator=(OpenedModel&&) noexcept;
  ~OpenedModel();

  [[nodiscard]] const std::string& name() const;
  /// One line that says what was opened and why: "artifact /x/y-snn-t8 (written last)".
  [[nodiscard]] const std::string& description() const;
  [[nodiscard]] const std::filesystem::path& folder() const;  ///< where config and tokenizer files are
  [[nodiscard]] bool from_artifact() const;
  [[nodiscard]] const ConversionOptions& options() const;
  [[nodiscard]] const std::vector<std::string>& warnings() const;
  /// Whatever the conversion did otherwise than asked.
  [[nodiscard]] const std::vector<std::string>& fallbacks() const;
  /// As stac.json says it; for a conversion in memory the same without "files".
  [[nodiscard]] const nlohmann::json& manifest() const;

  /// The same model under another code, in memory and with parts of its own (retarget.hpp).
  /// @throws stac::UsageError  as retargeted()
  [[nodiscard]] OpenedModel calibrate_timesteps(const CodeChange& change, const Progress& progress = {}) const;

  /// Makes this model's network at another T, in memory: runtime::ProcessorOptions::retarget. Borrows the model.
  [[nodiscard]] std::function<snn::SpikingModel(int timesteps)> retargeting(snn::EngineKind engine) const;

  /// SHA-256 of what decides the model's function (the source's files, the options, what calibration found), wherever
  /// it lies and whichever version of STAC wrote it: the same for an artifact and for the same conversion in memory.
  [[nodiscard]] std::string fingerprint() const;

  /// With the activation choice applied.
  [[nodiscard]] const model::TransformerConfig& config() const;
  [[nodiscard]] const snn::SpikingModel& spiking(snn::EngineKind engine) const;
  /// An engine of that kind, on the device that was asked for.
  [[nodiscard]] std::unique_ptr<snn::Engine> engine(snn::EngineKind kind) const;
  /// What its network is made of.
  [[nodiscard]] snn::NetworkParts network_parts() const;
  /// What each of its populations speaks.
  [[nodiscard]] const snn::Plan& plan() const;
  /// A network of these weights that speaks otherwise, runs elsewhere or is stored otherwise; it is built anew and not
  /// kept.
  /// @throws stac::UsageError  the plan does not fit the model
  [[nodiscard]] snn::SpikingModel network(const snn::Plan& plan, std::unique_ptr<snn::Engine> engine,
                                          const model::Storage& storage) const;
  /// The same weights and activation without spikes.
  [[nodiscard]] const model::LanguageModel& ann() const;
  /// The source checkpoint, untouched; null where it is not to be had.
  [[nodiscard]] const model::LanguageModel* source() const;
  /// What the source is made of, read from its files; nothing where it is not to be had.
  [[nodiscard]] std::optional<DenseParts> source_parts() const;
  /// Why source() is null; empty where it is not.
  [[nodiscard]] const std::string& source_missing_reason() const;

  /// @throws stac::Error  no tokenizer files, broken ones, or an id that is not below vocab_size
  [[nodiscard]] const text::Tokenizer& tokenizer() const;
  /// Special tokens, BOS, chat templates. @throws stac::Error
  [[nodiscard]] const text::TokenizerConfig& tokenizer_config() const;
  /// The checkpoint's own, if no other was given; nothing where it brings none. @throws stac::Error
  [[nodiscard]] const std::optional<text::ChatTemplate>& chat_template() const;
  /// Takes a template instead of the checkpoint's own.
  void use_chat_template(text::ChatTemplate chat_template);

 private:
  friend OpenedModel open_model(const ModelRequest& request, const Progress& progress);
  struct Parts;
  explicit OpenedModel(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Without a model: the artifact written last, else the bundled stac-tiny; description() says which.
/// @throws stac::UsageError  given conversion options contradict the artifact's
/// @throws stac::Error  not found, damaged, not convertible, or (strict) with fallbacks
[[nodiscard]] OpenedModel open_model(const ModelRequest& request, const Progress& progress = {});

}  // namespace stac::convert
