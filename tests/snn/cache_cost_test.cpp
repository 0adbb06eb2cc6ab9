// What a token costs: it grows with what the cache holds, not with what it has room for.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <string>
#include <vector>

#include "engine_test_support.hpp"
#include "stac/snn/spiking_model.hpp"
#include "support/random_transformer.hpp"
#include "support/touched_memory.hpp"

namespace stac::snn {
namespace {

constexpr std::int64_t kMany = 1 << 17, kFew = 10;  // tokens
constexpr std::int64_t kWidth = 32;                 // of a token's key, and of its value
constexpr std::int64_t kSlack = 2 << 20;            // bytes: code, stacks, what the test itself reads

class CacheCost : public ::testing::TestWithParam<EngineKind> {
 protected:
  [[nodiscard]] std::unique_ptr<AttentionMemory> filled(std::int64_t tokens) const {
    auto memory = make_engine(GetParam())->memory(attention_shape(1, 1, kWidth, Code{4, 2}, {Code{4, 2}}));
    const std::vector<float> rows(1024 * kWidth, 0.5F);
    for (std::int64_t done = 0; done < tokens; done += 1024) {
      memory->append(rows.data(), rows.data(), std::min<std::int64_t>(1024, tokens - done));
    }
    return memory;
  }
  /// Of one token that is read behind what the memory holds.
  [[nodiscard]] static std::optional<std::int64_t> touched_by_a_token(AttentionMemory& memory) {
    const std::vector<float> token(kWidth, 1.0F);
    std::vector<float> mixed(kWidth);
    return testing::touched_bytes([&] {
      memory.append(token.data(), token.data(), 1);
      static_cast<void>(memory.attend(token.data(), 1, mixed.data()));
    });
  }
};

TEST_P(CacheCost, OfATokenGrowsWithWhatTheCacheHoldsAndNotWithItsRoom) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer's shadow pages would be counted, too";
#endif
  const auto emptied = filled(kMany), full = filled(kMany);
  emptied->drop(kFew, kMany - kFew, {});
  ASSERT_EQ(emptied->bytes_after(1), full->bytes_after(1)) << "the room stays";
  const auto few = touched_by_a_token(*emptied);
  if (!few) GTEST_SKIP() << "this kernel does not say which pages were touched (/proc/self/clear_refs)";
  EXPECT_LT(*few, kSlack);
  EXPECT_GT(*touched_by_a_token(*full), kMany * kWidth * 2 * 2) << "keys and values of all tokens, two bytes each";
}

TEST_P(CacheCost, RoomFollowsTheTextAndNotThePositionsOfTheModel) {
  const auto network = [](std::int64_t positions) {
    const auto m = testing::random_llama({.max_positions = positions});
    return std::make_shared<SpikingTransformer>(m.config, m.weights, Plan(m.config.layers, {Code{4, 2}}),
                                                make_engine(GetParam()));
  };
  const auto small = network(64), large = network(kMany);
  for (const std::int64_t tokens : {1, 10, 64}) {
    EXPECT_EQ(large->new_state().bytes_after(tokens), small->new_state().bytes_after(tokens));
  }
  const std::vector<std::int64_t> text(kFew, 3), next{5};
  const auto touched = [&](const std::shared_ptr<SpikingTransformer>& net) {
    SpikingSequence sequence(net);
    sequence.append(text, model::LogitRows::last);
    return testing::touched_bytes([&] { sequence.append(next, model::LogitRows::last); });
  };
  const auto of_large = touched(large);
  if (!of_large) GTEST_SKIP() << "this kernel does not say which pages were touched (/proc/self/clear_refs)";
  EXPECT_LT(*of_large, *touched(small) + kSlack);
}

INSTANTIATE_TEST_SUITE_P(Engines, CacheCost, ::testing::Values(EngineKind::fused, EngineKind::temporal),
                         [](const auto& engine) {
                           return std::string(engine.param == EngineKind::fused ? "Fused" : "Temporal");
                         });

}  // namespace
}  // namespace stac::snn
