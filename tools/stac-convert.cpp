// stac-convert: a trained checkpoint in, a spiking artifact out; or an artifact in, and the same with another code out.
#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

#include "convert/module_place.hpp"
#include "stac/cli/conversion_report.hpp"
#include "stac/cli/model_download.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/cli/storage_flags.hpp"
#include "stac/cli/tool.hpp"
#include "stac/convert/artifact.hpp"
#include "stac/convert/last_artifact.hpp"
#include "stac/convert/retarget.hpp"
#include "stac/error.hpp"
#include "stac/eval/conversion_quality.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/torchscript/network_module.hpp"

namespace {

using namespace stac;

struct Options {
  cli::ConversionFlags conversion;
  std::optional<std::filesystem::path> retarget;
  std::optional<std::filesystem::path> output;
  std::optional<std::filesystem::path> torchscript, torchscript_inside;
  cli::StorageFlags storage;
  bool force = false, list_models = false;
  std::optional<std::string> fetch;

  void declare(cli::FlagSet& flags) {
    conversion.declare(flags);
    flags.section("Another code for a converted model");
    flags.path("--retarget", retarget, "ARTIFACT",
               "instead of --model: write this artifact again with the flags of the code that are given (--timesteps, "
               "--base, --code, --tau, --spike-budget, --dead-zone, --headroom, --group, --profile none|weights), "
               "without data and without its source; weights, calibrated profiles and static full scales stay");
    flags.section("Output");
    flags.path("-o,--output", output, "FOLDER", "the artifact's folder (default ./<name>-snn-t<T>)");
    flags.alias("--output-dir", "--output");
    flags.toggle("-f,--force", force, "replace an artifact or a TorchScript file that is there, in one step");
    flags.path(
        "--torchscript", torchscript, "FILE",
        "write the spiking network as a TorchScript module, too, which torch.jit.load opens without this program");
    flags.optional_path("--optimize-for-torchscript", torchscript_inside,
                        "the same; without =FILE as model.pt in the artifact's folder");
    flags.section("Storage of that module (an artifact has none: who runs it says)");
    storage.declare(flags);
    flags.section("Instead of converting");
    flags.toggle("--list-models", list_models, "the short names that --model knows, and end");
    flags.text("--fetch", fetch, "NAME",
               "download a model, or hf://datasets/ORG/NAME/FILE, print where it lies, and end");
    flags.alias("--max-context-length", "--calibration-length");
  }

  /// Where the TorchScript module goes, if one is asked for.
  [[nodiscard]] std::optional<std::filesystem::path> module_file(const std::filesystem::path& folder) const {
    if (torchscript && torchscript_inside) {
      throw UsageError("--torchscript and --optimize-for-torchscript: are one flag", "leave out one of them");
    }
    if (torchscript_inside)
      return torchscript_inside->empty() ? folder / torchscript::kModuleFile : *torchscript_inside;
    return torchscript;
  }

  /// @throws stac::UsageError  no module is asked for
  void refuse_storage_without_module() const {
    if (!storage.given() || torchscript || torchscript_inside) return;
    throw UsageError(std::string(storage.dtype ? "--dtype" : "--kv-dtype") +
                         ": an artifact is written alike, whatever it is run with",
                     "give it to stac-chat, stac-test or stac-bench, or --torchscript FILE, too");
  }

  [[nodiscard]] convert::Overwrite overwrite() const {
    return force ? convert::Overwrite::replace : convert::Overwrite::refuse;
  }
};

cli::ExitStatus list_models(cli::Console& console) {
  console.print(cli::model_names_text());
  console.report(cli::model_names_json());
  return cli::ExitStatus::done;
}

cli::ExitStatus fetch(const Options& options, cli::Console& console) {
  const std::filesystem::path path = cli::fetch_anything(*options.fetch, options.conversion.revision, console);
  console.print(path.string() + "\n");
  console.report({{"fetched", path.string()}});
  return cli::ExitStatus::done;
}

/// Saves the artifact, and the TorchScript module in it or elsewhere.
std::filesystem::path save(const convert::Conversion& conversion, const std::filesystem::path& output,
                           const Options& options, const std::optional<tools::ModulePlace>& place) {
  const convert::Overwrite overwrite = options.overwrite();
  if (!place) return convert::save_artifact(conversion, output, overwrite);
  snn::NetworkParts parts = convert::parts_of(conversion);
  parts.config.storage = options.storage.storage();
  const torch::jit::Module module = torchscript::network_module(parts);
  if (!place->in_artifact) {
    const auto folder = convert::save_artifact(conversion, output, overwrite);
    torchscript::save_module(module, place->file);
    return folder;
  }
  return convert::save_artifact(conversion, output, overwrite, [&](const std::filesystem::path& folder) {
    torchscript::save_module(module, folder / place->file.filename());
  });
}

/// Where the module goes, if one is asked for; refuses what it could not be made of or written to, before the work.
std::optional<tools::ModulePlace> place_of_module(const Options& options, const io::Checkpoint& source,
                                                  const std::filesystem::path& output,
                                                  const convert::ConversionOptions& wanted) {
  const std::optional<std::filesystem::path> file = options.module_file(output);
  if (!file) return std::nullopt;
  torchscript::require_exportable(model::parse_config(source.config));
  torchscript::require_exportable(wanted.code);
  const tools::ModulePlace place = tools::place_module(*file, output);
  if (!place.in_artifact && !options.force && std::filesystem::exists(place.file)) {
    throw Error(place.file.string() + ": exists already", "choose another file, or replace it with --force");
  }
  return place;
}

/// Makes a conversion, saves it and tells of it.
/// @param source  that the output must not touch
/// @param wanted  what it is converted to
/// @param make    the work; a retargeted network has no source at hand to be measured against
cli::ExitStatus write(const Options& options, const io::Checkpoint& source, const std::filesystem::path& output,
                      const convert::ConversionOptions& wanted, const convert::CalibrationRequest& calibration,
                      cli::Console& console, const std::function<convert::Conversion(const convert::Progress&)>& make) {
  convert::require_writable_output(output, source, options.overwrite());
  const std::optional<tools::ModulePlace> module_place = place_of_module(options, source, output, wanted);
  cli::ProgressBar bar = console.progress("converting " + source.name);
  convert::Conversion conversion = make([&](std::string_view stage, std::int64_t done, std::int64_t total) {
    bar.update(std::string(stage), done, total);
  });
  if (options.conversion.strict) convert::require_no_fallbacks(conversion.fallbacks);
  convert::StageClock clock;
  if (!conversion.retargeted) {
    clock.begin("measuring quality");
    convert::record_quality(
        conversion, eval::measure_conversion(conversion, calibration,
                                             [&](std::string_view stage, std::int64_t done, std::int64_t total) {
                                               bar.update(std::string(stage), done, total);
                                             }));
  }
  clock.begin("writing the artifact");
  bar.update("writing the artifact", 0, 0);
  const std::filesystem::path folder = save(conversion, output, options, module_place);
  bar.finish();
  std::vector<convert::StageTime> times = conversion.times;
  std::ranges::copy(clock.finish(), std::back_inserter(times));

  for (const std::string& warning : conversion.warnings) console.warn(warning);
  for (const std::string& fallback : conversion.fallbacks) console.warn(fallback);
  if (const auto warning = convert::record_last_artifact(folder)) console.warn(*warning);
  if (!console.options().quiet) console.print(cli::conversion_text(conversion, folder, times));
  nlohmann::json report = cli::conversion_json(conversion, folder, times);
  if (module_place) {
    const std::filesystem::path file = std::filesystem::absolute(module_place->file);
    const model::Storage storage = options.storage.storage();
    if (!console.options().quiet) {
      console.print("TorchScript module: " + file.string() + cli::storage_remark(storage) + "\n");
    }
    report["torchscript"] = file.string();
    report["torchscript_storage"] = cli::storage_json(storage);
  }
  console.report(report);
  return cli::ExitStatus::done;
}

cli::ExitStatus retarget(const Options& options, cli::Console& console) {
  const convert::CodeChange change = options.conversion.code_change();
  const convert::Artifact artifact = convert::load_artifact(*options.retarget);
  const convert::ConversionOptions wanted = convert::retargeted(artifact.manifest.options, change);
  const auto output = options.output.value_or(convert::default_output(artifact.manifest.source.name, wanted));
  return write(options, artifact.checkpoint, output, wanted, {}, console, [&](const convert::Progress& progress) {
    return convert::calibrate_timesteps(artifact, change, progress);
  });
}

cli::ExitStatus convert_checkpoint(const Options& options, cli::Console& console) {
  const convert::ConversionOptions wanted = options.conversion.options();
  const convert::CalibrationRequest calibration = options.conversion.calibration_request(console.options().seed);
  const bool sized = options.conversion.samples || options.conversion.sample_length;
  if (sized && !convert::needs_text(convert::resolved(wanted))) {
    console.note("nothing in this conversion is calibrated: the sizes of calibration samples change nothing");
  }
  const std::filesystem::path folder =
      cli::fetch_model(*options.conversion.model, options.conversion.revision, console);
  if (convert::is_artifact(folder)) {
    throw Error(folder.string() + ": is converted already: it is an artifact of stac-convert",
                "for another code give --retarget " + folder.string() +
                    "; for anything else convert the checkpoint that it was made from (\"source\" in its stac.json)");
  }
  const io::Checkpoint checkpoint = io::open_checkpoint(folder);
  const auto output = options.output.value_or(convert::default_output(checkpoint.name, wanted));
  return write(options, checkpoint, output, wanted, calibration, console, [&](const convert::Progress& progress) {
    return convert::convert(checkpoint, wanted, progress, calibration);
  });
}

void require_one_task(const Options& options) {
  const int tasks = static_cast<int>(options.list_models) + static_cast<int>(options.fetch.has_value()) +
                    static_cast<int>(options.retarget.has_value() || options.conversion.model.has_value());
  if (tasks <= 1) return;
  throw UsageError("--list-models and --fetch do nothing else", "give --model, --retarget or the other one by itself");
}

cli::ExitStatus run(const Options& options, cli::Console& console) {
  require_one_task(options);
  options.conversion.require_priced();
  options.refuse_storage_without_module();
  if (console.options().device == "cuda") {
    throw UsageError("--device cuda: conversions run on the CPU", "give it to stac-chat, stac-test or stac-bench");
  }
  if (options.list_models) return list_models(console);
  if (options.fetch) return fetch(options, console);
  if (options.retarget) return retarget(options, console);
  if (options.conversion.model) return convert_checkpoint(options, console);
  throw UsageError("no model to convert", "give one: stac-convert --model stac-tiny --timesteps 8 --simplified");
}

}  // namespace

int main(int argc, char** argv) {
  return stac::cli::run<Options>(
      argc, argv,
      {"stac-convert",
       "Turns a trained transformer language model into a spiking network that is still the same model.",
       {"stac-convert --model stac-tiny --timesteps 8 --simplified", "stac-convert -m ./my-gpt2 -T 5 --base 3 -o out",
        "stac-convert --retarget stac-tiny-snn-t8 --timesteps 5 --base 3"}},
      run);
}
