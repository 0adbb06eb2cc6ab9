#include "convert/model_card.hpp"

#include <algorithm>
#include <cctype>
#include <iomanip>
#include <optional>
#include <sstream>

#include "convert/artifact_files.hpp"
#include "stac/error.hpp"
#include "stac/io/json_file.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;

constexpr int kMostHeaderLines = 200;
constexpr std::uint64_t kLargestCard = std::uint64_t{4} << 20U;

bool is_licence_name(const std::string& text) {
  return !text.empty() && text.size() < 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.' || c == '+';
  });
}

std::string stripped(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\"'");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\"'") - first + 1);
}

std::string card_text(const fs::path& card) {
  try {
    return io::read_text_file(card, kLargestCard);
  } catch (const Error&) {
    return {};  // the source's card is not needed: without it the licence is not named
  }
}

/// "license: mit" of the YAML header with which a model card on the hub begins.
std::optional<std::string> licence_of(const fs::path& card) {
  std::istringstream file(card_text(card));
  std::string line;
  if (!std::getline(file, line) || stripped(line) != "---") return std::nullopt;
  for (int i = 0; i < kMostHeaderLines && std::getline(file, line) && stripped(line) != "---"; ++i) {
    if (line.rfind("license:", 0) != 0) continue;
    const std::string name = stripped(line.substr(8));
    if (is_licence_name(name)) return name;
  }
  return std::nullopt;
}

void write_header(std::ostream& out, const std::optional<std::string>& licence) {
  out << "---\n";
  if (licence) out << "license: " << *licence << "\n";
  out << "tags:\n- spiking\n- stac\npipeline_tag: text-generation\n---\n\n";
}

bool is_quantized(const Manifest& manifest) { return manifest.options.quantize == QuantizeChoice::int8; }

void write_quality(std::ostream& out, const QualityRecord& quality) {
  out << "| verdict | " << quality.verdict << " |\n"
      << "| KL(source, this), nats a token | " << std::fixed << std::setprecision(5) << quality.whole().kl << " |\n"
      << "| same most likely token | " << std::setprecision(1) << 100.0 * quality.whole().top1_agreement << "% |\n"
      << "| measured on | " << quality.text << ", " << quality.windows << " windows of " << quality.context
      << " tokens |\n"
      << std::defaultfloat;
}

void write_measurements(std::ostream& out, const Manifest& manifest) {
  const ConversionOptions& options = manifest.options;
  const Measurement& measured = manifest.measured;
  out << "| | |\n| --- | --- |\n"
      << "| timesteps of a window | " << options.code.timesteps << " |\n"
      << "| code | " << snn::code_text(options.code) << " |\n"
      << "| thresholds | " << thresholds_text(options) << " |\n"
      << "| activation | " << activation_choice_name(options.activation) << " |\n"
      << "| weights | " << (manifest.swap ? "down projections refitted, the others " : "") << "as in the source"
      << (is_quantized(manifest) ? ", in int8 with one scale per output" : "") << " |\n"
      << "| logit scale | " << (manifest.logit_scale ? manifest.logit_scale->scale : 1.0) << " |\n";
  if (manifest.quality) write_quality(out, *manifest.quality);
  out << "| coverage: products driven by spikes | " << 100.0 * measured.coverage << "% |\n"
      << std::fixed << std::setprecision(3) << "| spikes per activation, weighted by fan-out | "
      << measured.spikes_per_activation << " |\n"
      << "| windows without a spike | " << 100.0 * measured.silent_windows << "% |\n\n"
      << "Spikes were counted over " << measured.tokens << " random tokens; `stac-bench --perplexity FILE` measures\n"
      << "quality and spikes on text.\n\n";
}

void write_list(std::ostream& out, const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  out << "## " << title << "\n\n";
  for (const std::string& line : lines) out << "- " << line << "\n";
  out << "\n";
}

void write_licence(std::ostream& out, const Manifest& manifest, const std::optional<std::string>& licence) {
  out << "## Licence\n\nThe weights are those of `" << manifest.source.name << "`, and so are their terms";
  if (licence) {
    out << ": its model card says `" << *licence << "`.\n";
  } else {
    out << ". Its folder's model card names no licence: look where the model came from.\n";
  }
}

std::string tensors_text(const Manifest& manifest) {
  if (is_quantized(manifest)) {
    return "`model.safetensors` holds the source's embeddings under their names, and the int8 weights of layer L "
           "under\n"
           "`stac.L.SITE.weight`, `.scale` and `.bias`.\n\n";
  }
  return std::string("`model.safetensors` holds the source's tensors under their names, with their numbers") +
         (manifest.swap ? ",\nbut for the refitted down projections, which are f32" : "") + ".\n\n";
}

}  // namespace

std::string model_card(const Manifest& manifest, const fs::path& source) {
  const std::optional<std::string> licence = licence_of(source / kCardFile);
  std::ostringstream out;
  write_header(out, licence);
  out << "# " << manifest.source.name << ", spiking\n\n"
      << "`" << manifest.source.name << "` converted to a spiking network by STAC " << manifest.stac_version
      << ": frozen weights, every product driven by\nspikes of " << manifest.options.code.timesteps
      << " timesteps. `stac.json` says how, from what, and what each file's SHA-256 is.\n\n";
  write_measurements(out, manifest);
  write_list(out, "Warnings", manifest.warnings);
  write_list(out, "Fallbacks", manifest.fallbacks);
  out << "## Use\n\n```sh\nstac-chat --model PATH/OF/THIS/FOLDER\nstac-test --model PATH/OF/THIS/FOLDER "
         "--verify\n```\n\n"
      << tensors_text(manifest);
  write_licence(out, manifest, licence);
  return out.str();
}

}  // namespace stac::convert
