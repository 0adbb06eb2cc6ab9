#include "stac/cli/model_options.hpp"

#include "stac/error.hpp"

namespace stac::cli {

void ConversionFlags::declare(FlagSet& flags) {
  flags.section("Model");
  flags.text("-m,--model", model, "MODEL", "checkpoint or artifact folder, bundled name (stac-tiny), or hub id");
  flags.alias("--model-name", "--model");
  flags.section("Conversion");
  flags.integer("-T,--timesteps", timesteps, {1, 64}, "timesteps of one window (default 8)");
  flags.choice("--base", base, {"2", "3"}, "base of the phase code: fewest spikes, or fewest timesteps (default 2)");
  flags.choice("--activation", activation, {"keep", "relu"},
               "the MLP's activation: computed on the membrane, or replaced by ReLU and repaired (default keep)");
  flags.choice("--quantize", quantize, {"none"}, "weights stay as they are (the only choice in this version)");
  flags.toggle("--simplified", simplified, "without calibration data: thresholds adapt by themselves");
  flags.section("Calibration text, for the repair after --activation relu");
  flags.path("--calibration", calibration, "FILE", "text to calibrate on (default: the model samples its own)");
  flags.integer("--calibration-samples", samples, {1, 1 << 20}, "samples of it (default: as many as the work needs)");
  flags.integer("--calibration-length", sample_length, {2, 1 << 20}, "tokens of a sample (default 128)");
}

convert::ConversionOptions ConversionFlags::options() const {
  convert::ConversionOptions options;
  if (timesteps) options.code.timesteps = static_cast<int>(*timesteps);
  if (base) options.code.base = *base == "3" ? 3 : 2;
  if (activation) options.activation = convert::parse_activation_choice(*activation);
  if (quantize) options.quantize = convert::parse_quantize_choice(*quantize);
  options.simplified = simplified;
  convert::require_valid(options);
  return options;
}

convert::CalibrationRequest ConversionFlags::calibration_request(std::int64_t seed) const {
  if (calibration && simplified) {
    throw UsageError("--calibration: --simplified converts without calibration data", "leave out one of them");
  }
  if (calibration && options().activation == convert::ActivationChoice::keep) {
    throw UsageError("--calibration: without --activation relu nothing is calibrated in this version",
                     "leave it out, or add --activation relu");
  }
  convert::CalibrationRequest request;
  request.file = calibration;
  request.samples = samples;
  request.length = sample_length.value_or(request.length);
  request.seed = static_cast<std::uint64_t>(seed);
  return request;
}

void ModelFlags::declare(FlagSet& flags) {
  conversion.declare(flags);
  flags.section("Execution");
  flags.choice("--engine", engine, {"fused", "temporal"},
               "integer codes, or every timestep simulated; their answers are equal (default fused)");
  flags.path("--dense", dense, "FOLDER", "the source checkpoint, where the artifact's own record is out of date");
  flags.toggle("--verify", verify, "read every byte of an artifact again before using it");
}

convert::ModelRequest ModelFlags::request(std::int64_t seed) const {
  convert::ModelRequest request;
  request.model = conversion.model;
  request.options = conversion.options();
  request.given = {conversion.timesteps.has_value(), conversion.base.has_value(), conversion.activation.has_value(),
                   conversion.quantize.has_value()};
  request.calibration = conversion.calibration_request(seed);
  request.dense = dense;
  request.verify = verify;
  return request;
}

snn::EngineKind ModelFlags::engine_kind() const {
  return engine == "temporal" ? snn::EngineKind::temporal : snn::EngineKind::fused;
}

convert::OpenedModel open_model(const ModelFlags& flags, Console& console) {
  ProgressBar bar = console.progress("opening the model");
  std::int64_t stages = 0;
  convert::OpenedModel model = convert::open_model(flags.request(console.options().seed), [&](std::string_view stage) {
    bar.update(std::string(stage), stages++, 0);
  });
  bar.finish();
  console.note("model: " + model.description());
  for (const std::string& warning : model.warnings()) console.warn(warning);
  return model;
}

}  // namespace stac::cli
