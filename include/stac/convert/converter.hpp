// From a trained checkpoint to a spiking network, in memory.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stac/convert/allocation.hpp"
#include "stac/convert/calibration_text.hpp"
#include "stac/convert/conversion_options.hpp"
#include "stac/convert/conversion_quality.hpp"
#include "stac/convert/logit_scale.hpp"
#include "stac/convert/pipeline.hpp"
#include "stac/convert/preparation.hpp"
#include "stac/convert/retarget_record.hpp"
#include "stac/convert/speaker.hpp"
#include "stac/convert/stage_clock.hpp"
#include "stac/io/checkpoint.hpp"
#include "stac/model/config.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/spiking_model.hpp"

namespace stac::convert {

/// Told what is being done ("quantizing weights") and how far it is; a total of 0 where that is not known. May be
/// empty.
using Progress = std::function<void(std::string_view stage, std::int64_t done, std::int64_t total)>;

/// The checkpoint that a network was made from.
struct SourceRecord {
  std::string name;
  std::filesystem::path path;  ///< absolute, as it was then
  std::string sha256;          ///< io::checkpoint_sha256

  friend bool operator==(const SourceRecord&, const SourceRecord&) = default;
};

/// What a short forward of the converted network on random ids counted.
struct Measurement {
  std::int64_t tokens = 0;
  double coverage = 0.0;               ///< spike-driven MACs / all MACs
  double spikes_per_activation = 0.0;  ///< spike-driven additions per MAC
  double silent_windows = 0.0;         ///< share of windows without a spike

  friend bool operator==(const Measurement&, const Measurement&) = default;
};

/// What the repair of the activation swap worked on, and what it did to each layer.
struct SwapRecord {
  std::string text;         ///< CalibrationText::origin
  std::int64_t tokens = 0;  ///< of it
  std::vector<LayerRepair> layers;

  friend bool operator==(const SwapRecord&, const SwapRecord&) = default;
};

/// The whole network on text that nothing was fitted to: KL of the next token, source to network, nats a token.
struct Verification {
  std::string text;
  std::int64_t tokens = 0;
  double plain = 0.0;       ///< with plain thresholds
  double calibrated = 0.0;  ///< with the calibrated ones, everything else alike

  friend bool operator==(const Verification&, const Verification&) = default;
};

/// What thresholds were calibrated on, and what was chosen at each site.
struct ThresholdRecord {
  std::string text;         ///< CalibrationText::origin
  std::int64_t tokens = 0;  ///< of it
  std::vector<CalibrationRecord> sites;
  std::vector<Verification> verified;  ///< where the calibrated ones are worse, every site is dropped

  friend bool operator==(const ThresholdRecord&, const ThresholdRecord&) = default;
};

/// A converted model. Its parts are shared and immutable; a layer's f32 weights are made when they are asked for, so
/// that a large model is never in memory as a whole but for its int8 weights.
struct Conversion {
  io::Checkpoint source;      ///< that was read
  std::string source_sha256;  ///< io::checkpoint_sha256 of it
  SourceRecord origin;        ///< the trained checkpoint: the same, but for a retargeted artifact
  ConversionOptions options;
  model::TransformerConfig config;                           ///< activation choice and logit scale applied
  std::shared_ptr<const model::TransformerWeights> weights;  ///< with the swap's repair, and int8's rounding
  snn::QuantizedWeights quantized;                           ///< empty without int8
  snn::Plan plan;
  std::optional<SwapRecord> swap;               ///< none where the activation was kept
  std::optional<ThresholdRecord> calibration;   ///< none where thresholds need no data
  std::optional<AllocationRecord> allocation;   ///< none where every site speaks the options' code
  std::optional<LogitScaleRecord> logit_scale;  ///< none where none was to be fitted; its scale stands in `config`
  std::optional<RetargetRecord> retargeted;     ///< none where the code is the one that the conversion was made for
  std::vector<std::string> used;                ///< the source's tensors that `weights` was read from
  std::vector<model::StoredTensor> changed;     ///< what takes the place of the source's tensors of these names
  std::vector<std::string> surplus;             ///< tensors that the model does not use; left out of an artifact
  std::vector<std::string> warnings;            ///< one sentence each
  std::vector<std::string> fallbacks;           ///< whatever was done otherwise than asked; one sentence each
  Measurement measured;
  std::optional<QualityRecord> quality;  ///< none until somebody measures it (eval/conversion_quality.hpp)
  Pipeline pipeline;
  std::shared_ptr<const Speaker> speaker;  ///< of the source
  std::vector<StageTime> times;            ///< of convert()
};

/// What its network is made of.
[[nodiscard]] snn::NetworkParts parts_of(const Conversion& conversion);

/// @param calibration  the text for thresholds and the repair of an activation swap; where neither needs data none is
///                     read or sampled
/// @throws stac::UsageError  options out of range
/// @throws stac::Error  a config, tensor or value that cannot be converted, by its name; a product that no spike drove
[[nodiscard]] Conversion convert(const io::Checkpoint& checkpoint, const ConversionOptions& options,
                                 const Progress& progress = {}, const CalibrationRequest& calibration = {});

/// Puts what was measured into the conversion; where the network is not alive, its verdict becomes a warning.
void record_quality(Conversion& conversion, QualityRecord quality);

/// What --strict asks for.
/// @throws stac::Error  there are fallbacks; it lists them
void require_no_fallbacks(const std::vector<std::string>& fallbacks);

/// The network of `weights` in memory as a whole, spiking as planned.
/// @param quantized  takes their place where it holds a site
[[nodiscard]] std::shared_ptr<const snn::SpikingModel> spiking_model(const model::TransformerConfig& config,
                                                                     const model::TransformerWeights& weights,
                                                                     const snn::Plan& plan, snn::EngineKind engine,
                                                                     const snn::QuantizedWeights& quantized = {});
[[nodiscard]] std::shared_ptr<const snn::SpikingModel> spiking_model(const snn::NetworkParts& parts,
                                                                     snn::EngineKind engine);

}  // namespace stac::convert
