#include "stac/eval/int8_zeros.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "stac/snn/spiking_model.hpp"
#include "support/goldens.hpp"

namespace stac::eval {
namespace {

using snn::Site;

model::TransformerConfig small_config() {
  model::TransformerConfig config;
  config.hidden_size = 4;
  config.heads = config.kv_heads = 2;
  config.head_dim = 2;
  config.layers = 1;
  config.intermediate_size = 5;
  config.max_positions = 8;
  return config;
}

// 127 is the row's largest; what is below half a step of it, 0.5, is rounded to zero.
TEST(Int8Zeros, CountTheFanOutOfWhatIsNotRoundedToZero) {
  const model::TransformerConfig config = small_config();
  Int8Zeros zeros(config);
  const float rows[] = {127.0F, 0.4F, -0.6F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F};
  zeros.see({0, Site::up}, rows, 2, 4);
  EXPECT_EQ(zeros.kept().at({0, Site::up}), 2U * 5U);
}

TEST(Int8Zeros, GiveEveryHeadOfAQueryItsOwnScaleAndTheKeysThatItSees) {
  const model::TransformerConfig config = small_config();
  Int8Zeros zeros(config);
  const float rows[] = {127.0F, 0.4F, 1.0F, 0.5F, 1.0F, 1.0F, 0.0F, 1.0F};  // two tokens of two heads
  zeros.see({0, Site::scores}, rows, 2, 4);
  EXPECT_EQ(zeros.kept().at({0, Site::scores}), 1U * (1 + 2) + 2U * (2 + 1));
}

/// Counts zeros of dense attention, from the membranes of queries and what each softmax row sums up to.
class SoftmaxRows final : public snn::SiteObserver {
 public:
  void see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) override {
    if (where.site != Site::mix) return;
    EXPECT_EQ(rows, 1);
    lengths.push_back(channels);
    largest.push_back(*std::max_element(membranes, membranes + channels));
  }
  [[nodiscard]] bool wants_softmax() const override { return true; }

  std::vector<std::int64_t> lengths;
  std::vector<float> largest;
};

TEST(SiteObserver, IsShownASoftmaxRowForEveryQueryHeadIfItWants) {
  const model::Golden golden("mistral_window");
  SoftmaxRows seen;
  const auto network = std::make_shared<snn::SpikingTransformer>(
      golden.config, golden.weights.weights, snn::Plan(golden.config.layers, {{8, 2}}),
      snn::observed(snn::make_engine(snn::EngineKind::fused), seen));
  snn::SpikingSequence sequence(network);
  const std::vector<std::int64_t> ids{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  sequence.append(ids, model::LogitRows::all);
  std::vector<std::int64_t> expected;
  for (std::int64_t layer = 0; layer < golden.config.layers; ++layer) {
    for (std::int64_t position = 0; position < 12; ++position) {
      for (std::int64_t head = 0; head < golden.config.heads; ++head) {
        expected.push_back(std::min(position + 1, golden.config.keys_seen(layer)));
      }
    }
  }
  EXPECT_EQ(seen.lengths, expected);
  EXPECT_TRUE(std::all_of(seen.largest.begin(), seen.largest.end(), [](float weight) { return weight == 1.0F; }));
  const auto rows = seen.lengths.size();
  sequence.reset();
  sequence.append(ids, model::LogitRows::all);
  EXPECT_EQ(seen.lengths.size(), 2 * rows);
  EXPECT_EQ(seen.lengths[rows], 1);
}

TEST(Int8Zeros, KeepAlmostEverythingWhereThereIsNoReluAndNoMoreThanThereIs) {
  const model::Golden golden("llama_plain");
  Int8Zeros zeros(golden.config);
  snn::SpikingSequence sequence(std::make_shared<snn::SpikingTransformer>(
      golden.config, golden.weights.weights, snn::Plan(golden.config.layers, {{8, 2}}),
      snn::observed(snn::make_engine(snn::EngineKind::fused), zeros)));
  const std::vector<std::int64_t> ids{1, 2, 3, 4, 5, 6, 7, 8};
  sequence.append(ids, model::LogitRows::all);
  snn::for_each_site(golden.config.layers, [&](std::int64_t layer, Site site) {
    const std::uint64_t macs = sequence.ledger().counts(layer, site).macs, kept = zeros.kept().at({layer, site});
    EXPECT_LE(kept, macs) << snn::site_name(site);
    EXPECT_GT(kept, macs / 2) << snn::site_name(site);
  });
}

}  // namespace
}  // namespace stac::eval
