#include "unseen_text.hpp"

#include <algorithm>
#include <filesystem>

#include "shared_text.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/io/json_file.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/text/tokenizer.hpp"
#include "stac/text/tokenizer_config.hpp"

namespace stac::eval {
namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30U;
constexpr std::uint64_t kMacs = 20'000'000'000;
constexpr std::int64_t kLeastTokens = 256;
constexpr std::int64_t kMostTokens = 1024;
constexpr std::int64_t kLeastWindows = 8;  // what the bootstrap draws from
constexpr std::int64_t kLongest = 64;

struct Size {
  std::int64_t windows = 0;
  std::int64_t context = 0;
};

Size affordable(const model::TransformerConfig& config) {
  const std::int64_t longest = std::min(kLongest, config.max_positions);
  const std::uint64_t macs = snn::dense_macs(config, 0, longest, longest) / static_cast<std::uint64_t>(longest);
  const std::int64_t tokens =
      std::clamp(static_cast<std::int64_t>(kMacs / std::max<std::uint64_t>(macs, 1)), kLeastTokens, kMostTokens);
  const std::int64_t context = std::min(tokens / kLeastWindows, longest);
  return {tokens / context, context};
}

UnseenText own_text(const convert::Conversion& conversion, const Size& size, std::uint64_t seed,
                    const std::string& reason, const convert::SamplingProgress& progress) {
  auto samples = conversion.speaker->samples(convert::OwnText::quality, size.windows, size.context, seed, progress);
  conversion.speaker->rest();
  return {{size.context, false, std::move(samples)}, "self-generated (" + reason + ")"};
}

bool was_calibrated_on(const std::filesystem::path& text, const convert::CalibrationRequest& calibration) {
  if (!calibration.file) return false;
  return share_a_passage(io::read_text_file(text, kLargestFile), io::read_text_file(*calibration.file, kLargestFile));
}

}  // namespace

UnseenText unseen_text(const convert::Conversion& conversion, const convert::CalibrationRequest& calibration,
                       const convert::SamplingProgress& progress) {
  const Size size = affordable(conversion.config);
  const std::filesystem::path& folder = conversion.source.folder;
  if (!text::has_tokenizer(folder))
    return own_text(conversion, size, calibration.seed, "the model has no tokenizer", progress);
  const std::filesystem::path stories = bundled_evaluation_text();
  if (was_calibrated_on(stories, calibration)) {
    return own_text(conversion, size, calibration.seed,
                    stories.filename().string() + " shares a passage with the calibration text", progress);
  }
  const auto tokenizer = text::load_tokenizer(folder);
  const text::TokenizerConfig tokenizer_config = text::load_tokenizer_config(folder);
  const TextReader reader{conversion.source.name, *tokenizer, tokenizer_config, conversion.source.config,
                          conversion.config};
  return {read_windows(reader, {stories, size.context, size.windows, BosChoice::automatic}),
          stories.filename().string()};
}

}  // namespace stac::eval
