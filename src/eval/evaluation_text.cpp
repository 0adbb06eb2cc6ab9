#include "stac/eval/evaluation_text.hpp"

#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/io/json_file.hpp"
#include "stac/model/random.hpp"

namespace stac::eval {
namespace {

std::string model_type_of(const nlohmann::json& config) {
  return config.is_object() ? config.value("model_type", std::string()) : std::string();
}

std::int64_t require_bos(const TextReader& reader) {
  if (const auto id = reader.tokenizer.bos_id()) return *id;
  if (const auto id = reader.config.bos_token_id) return *id;
  throw UsageError("the windows should begin with BOS, but " + reader.name + " has none", "give --bos no");
}

}  // namespace

void require_context(const TextPlan& plan, const model::TransformerConfig& config) {
  if (plan.context <= config.max_positions) return;
  const std::string positions = std::to_string(config.max_positions);
  throw UsageError(
      "a context of " + std::to_string(plan.context) + " is more than the model's " + positions + " positions",
      "give --context " + positions + " or less");
}

TokenWindows read_windows(const convert::OpenedModel& model, const TextPlan& plan) {
  const nlohmann::json config_json = io::read_json_file(model.folder() / "config.json");
  return read_windows({model.name(), model.tokenizer(), model.tokenizer_config(), config_json, model.config()}, plan);
}

TokenWindows read_windows(const TextReader& reader, const TextPlan& plan) {
  require_context(plan, reader.config);
  const std::string text = io::read_text_file(plan.file, std::uint64_t{1} << 30U);
  WindowPlan windows{plan.context, plan.windows, std::nullopt};
  if (windows_begin_with_bos(plan.bos, reader.tokenizer_config, reader.tokenizer.kind(),
                             model_type_of(reader.config_json))) {
    windows.bos = require_bos(reader);
  }
  return cut_windows(reader.tokenizer.encode(text), windows);
}

std::filesystem::path bundled_evaluation_text() { return io::find_data("configs/text/evaluation_stories.txt"); }

TokenWindows random_windows(std::int64_t vocab_size, std::int64_t context, std::int64_t windows, std::uint64_t seed) {
  TokenWindows text{context, false, {}};
  std::uint64_t counter = 0;
  for (std::int64_t w = 0; w < windows; ++w) {
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < context; ++i) {
      ids.push_back(static_cast<std::int64_t>(model::uniform(seed, counter++) * static_cast<double>(vocab_size)));
    }
    text.windows.push_back(std::move(ids));
  }
  return text;
}

}  // namespace stac::eval
