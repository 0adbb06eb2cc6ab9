// stac-convert: a trained checkpoint in, a spiking artifact out.
#include "stac/cli/conversion_report.hpp"
#include "stac/cli/model_download.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/cli/tool.hpp"
#include "stac/convert/artifact.hpp"
#include "stac/convert/last_artifact.hpp"
#include "stac/error.hpp"

namespace {

using namespace stac;

struct Options {
  cli::ConversionFlags conversion;
  std::optional<std::filesystem::path> output;
  bool force = false, list_models = false;
  std::optional<std::string> fetch;

  void declare(cli::FlagSet& flags) {
    conversion.declare(flags);
    flags.section("Output");
    flags.path("-o,--output", output, "FOLDER", "the artifact's folder (default ./<name>-snn-t<T>)");
    flags.alias("--output-dir", "--output");
    flags.toggle("-f,--force", force, "replace an artifact that is there, in one step");
    flags.section("Instead of converting");
    flags.toggle("--list-models", list_models, "the short names that --model knows, and end");
    flags.text("--fetch", fetch, "NAME",
               "download a model, or hf://datasets/ORG/NAME/FILE, print where it lies, and end");
    flags.alias("--num-samples", "--calibration-samples");
    flags.alias("--max-length", "--calibration-length");
    flags.alias("--max-context-length", "--calibration-length");
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

cli::ExitStatus convert_model(const Options& options, cli::Console& console) {
  if (options.list_models) return list_models(console);
  if (options.fetch) return fetch(options, console);
  if (!options.conversion.model) {
    throw UsageError("no model to convert", "give one: stac-convert --model stac-tiny --timesteps 8 --simplified");
  }
  const convert::ConversionOptions wanted = options.conversion.options();
  const convert::Overwrite overwrite = options.force ? convert::Overwrite::replace : convert::Overwrite::refuse;
  const convert::CalibrationRequest calibration = options.conversion.calibration_request(console.options().seed);
  const bool sized = options.conversion.samples || options.conversion.sample_length;
  if (sized && !convert::needs_text(convert::resolved(wanted))) {
    console.note("nothing in this conversion is calibrated: the sizes of calibration samples change nothing");
  }
  const std::filesystem::path folder_of_model =
      cli::fetch_model(*options.conversion.model, options.conversion.revision, console);
  if (convert::is_artifact(folder_of_model)) {
    throw Error(folder_of_model.string() + ": is converted already: it is an artifact of stac-convert",
                "convert the checkpoint that it was made from (\"source\" in its stac.json)");
  }
  const io::Checkpoint checkpoint = io::open_checkpoint(folder_of_model);
  const auto output = options.output.value_or(convert::default_output(checkpoint, wanted));
  convert::require_writable_output(output, checkpoint, overwrite);

  cli::ProgressBar bar = console.progress("converting " + checkpoint.name);
  std::int64_t stages = 0;
  const convert::Conversion conversion = convert::convert(
      checkpoint, wanted, [&](std::string_view stage) { bar.update(std::string(stage), stages++, 0); }, calibration);
  bar.update("writing the artifact", stages, 0);
  const std::filesystem::path folder = convert::save_artifact(conversion, output, overwrite);
  bar.finish();

  for (const std::string& warning : conversion.warnings) console.warn(warning);
  for (const std::string& fallback : conversion.fallbacks) console.warn(fallback);
  if (const auto warning = convert::record_last_artifact(folder)) console.warn(*warning);
  if (!console.options().quiet) console.print(cli::conversion_text(conversion, folder));
  console.report(cli::conversion_json(conversion, folder));
  return cli::ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  return stac::cli::run<Options>(
      argc, argv,
      {"stac-convert",
       "Turns a trained transformer language model into a spiking network that is still the same model.",
       {"stac-convert --model stac-tiny --timesteps 8 --simplified", "stac-convert -m ./my-gpt2 -T 5 --base 3 -o out"}},
      convert_model);
}
