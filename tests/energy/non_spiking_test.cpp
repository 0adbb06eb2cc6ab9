// Closed forms against loops over every token, head and channel.
#include "stac/energy/non_spiking.hpp"

#include <gtest/gtest.h>

#include "support/random_transformer.hpp"

namespace stac::energy {
namespace {

using testing::RandomTransformer;

const TextsRead kTexts{{7, 1, 12}};

/// Counts what a plain implementation does, one operation at a time.
struct Loops {
  explicit Loops(const model::TransformerConfig& of) : config(of) {
    for (const std::int64_t length : kTexts.lengths) {
      for (std::int64_t position = 0; position < length; ++position) token(position);
    }
  }

  void token(std::int64_t position) {
    for (std::int64_t j = 0; !config.rotary && j < config.hidden_size; ++j) ++counts["positions"]["f32_add"];
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
      norm();
      for (std::int64_t head = 0; head < config.heads; ++head) softmax(layer, position);
      for (std::int64_t head = 0; config.rotary && head < config.heads + config.kv_heads; ++head) rotate();
      norm();
      for (std::int64_t unit = 0; unit < config.intermediate_size; ++unit) activate();
      for (std::int64_t j = 0; j < 2 * config.hidden_size; ++j) ++counts["residual"]["f32_add"];
    }
    norm();
    for (std::int64_t v = 0; config.logit_scale != 1.0 && v < config.vocab_size; ++v) {
      ++counts["logit scale"]["f32_multiply"];
    }
  }

  void norm() {
    OperationCounts& norms = counts["norms"];
    for (std::int64_t j = 0; j < config.hidden_size; ++j) {
      if (config.norm == model::NormKind::layer) norms["f32_add"] += 2;  // to the mean's sum; minus the mean
      ++norms["f32_multiply"];                                           // squared
      ++norms["f32_add"];                                                // and added
      ++norms["f32_multiply"];                                           // over the deviation
    }
    ++norms["f32_sqrt"];
    ++norms["f32_divide"];
  }

  void softmax(std::int64_t layer, std::int64_t position) {
    OperationCounts& softmax = counts["softmax"];
    for (std::int64_t key = 0; key <= position; ++key) {
      if (config.window(layer) > 0 && position - key >= config.window(layer)) continue;
      ++softmax["int32_compare"];
      softmax["f32_add"] += 2;  // minus the largest; to the sum
      ++softmax["f32_exp"];
    }
    ++softmax["f32_divide"];
  }

  void rotate() {
    for (std::int64_t pair = 0; pair < config.head_dim / 2; ++pair) {
      counts["rotary"]["f32_multiply"] += 4;
      counts["rotary"]["f32_add"] += 2;
    }
  }

  void activate() {
    if (config.gated_mlp) {
      ++counts["gate"]["f32_multiply"];
      for (const char* operation : {"f32_exp", "f32_add", "f32_divide"}) ++counts["activation"][operation];
    } else {
      ++counts["activation"]["f32_tanh"];
      counts["activation"]["f32_add"] += 2;
      counts["activation"]["f32_multiply"] += 6;
    }
  }

  const model::TransformerConfig& config;
  std::map<std::string, OperationCounts> counts;
};

TEST(NonSpiking, IsWhatLoopsOverEveryTokenCount) {
  RandomTransformer gpt2 = testing::random_transformer({});
  const RandomTransformer llama = testing::random_llama({.sliding_window = 5, .first_windowed_layer = 1});
  EXPECT_EQ(non_spiking(gpt2.config, kTexts), Loops(gpt2.config).counts);
  EXPECT_EQ(non_spiking(llama.config, kTexts), Loops(llama.config).counts);
  gpt2.config.logit_scale = 0.9;
  EXPECT_EQ(non_spiking(gpt2.config, kTexts), Loops(gpt2.config).counts);
}

TEST(SiteShape, SumsWhatLoopsOverEveryRowCount) {
  const model::TransformerConfig config = testing::random_llama({.sliding_window = 5}).config;
  const snn::Population population{{4, 3}, 4};
  SiteShape mix, scores;
  for (const std::int64_t length : kTexts.lengths) {
    for (std::int64_t position = 0; position < length; ++position) {
      for (std::int64_t head = 0; head < config.heads; ++head) {
        std::uint64_t seen = 0;
        for (std::int64_t key = 0; key <= position; ++key) seen += position - key < 5;
        const auto width = static_cast<std::uint64_t>(config.head_dim);
        const std::uint64_t groups = seen > 4 ? 2 : 1;
        ++mix.rows, ++scores.rows;
        mix.neurons += seen, scores.neurons += width;
        mix.targets += width, scores.targets += seen;
        mix.macs += seen * width, scores.macs += seen * width;
        mix.groups += groups, ++scores.groups;
        mix.targets_of_groups += groups * width, scores.targets_of_groups += seen;
        if (groups > 1) mix.targets_of_several += groups * width;
      }
    }
  }
  EXPECT_EQ(site_shape(config, {0, snn::Site::mix}, population, kTexts), mix);
  EXPECT_EQ(site_shape(config, {0, snn::Site::scores}, {{4, 3}}, kTexts), scores);
}

TEST(SiteShape, MacsOfAllSitesAreThoseThatTheModelDemands) {
  for (const model::TransformerConfig& config :
       {testing::random_transformer({}).config, testing::random_llama({.sliding_window = 5}).config}) {
    std::uint64_t macs = 0, demanded = 0;
    snn::for_each_site(config.layers, [&](std::int64_t layer, snn::Site site) {
      macs += site_shape(config, {layer, site}, {}, kTexts).macs;
    });
    for (const std::int64_t length : kTexts.lengths) demanded += snn::dense_macs(config, 0, length, length);
    EXPECT_EQ(macs, demanded);
  }
}

}  // namespace
}  // namespace stac::energy
