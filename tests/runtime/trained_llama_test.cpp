// A real trained Llama, where one lies beside the checkout: dense and spiking, it tells the story that transformers
// tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stac/convert/opened_model.hpp"
#include "stac/runtime/generation.hpp"
#include "support/test_paths.hpp"

namespace stac::runtime {
namespace {

using ::testing::StartsWith;

// transformers 5.24: generate(do_sample=False) after BOS and the prompt.
constexpr const char* kPrompt = "Once upon a time, there was a little girl named Lily.";
constexpr const char* kStory = " She loved to play outside in the park. One day, she saw a big, red ball.";

std::string continued(const model::LanguageModel& network, const text::Tokenizer& tokenizer) {
  std::vector<std::int64_t> prompt{*network.config().bos_token_id};
  const std::vector<std::int64_t> ids = tokenizer.encode(kPrompt);
  prompt.insert(prompt.end(), ids.begin(), ids.end());
  GenerationOptions options;
  options.max_new_tokens = static_cast<std::int64_t>(tokenizer.encode(kStory).size());
  CachedSequence sequence(network);
  const GenerationResult result = generate(sequence, prompt, options);
  std::vector<std::int64_t> whole = ids;
  whole.insert(whole.end(), result.ids.begin(), result.ids.end());
  return tokenizer.decode(whole, text::Specials::keep).substr(std::string(kPrompt).size());
}

TEST(TrainedLlama, TellsTheStoryOfTransformersDenseAndSpiking) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "sentencepiece cannot be kept apart from LibTorch's protobuf under this sanitizer";
#endif
  const auto folder = stac::testing::shared_data("models/stories260K");
  if (!folder) GTEST_SKIP() << "models/stories260K is not there";
  const convert::OpenedModel opened = convert::open_model({.model = folder->string()});
  ASSERT_NE(opened.source(), nullptr);
  EXPECT_THAT(continued(*opened.source(), opened.tokenizer()), StartsWith(kStory));
  EXPECT_THAT(continued(opened.spiking(snn::EngineKind::fused), opened.tokenizer()), StartsWith(kStory));
}

}  // namespace
}  // namespace stac::runtime
