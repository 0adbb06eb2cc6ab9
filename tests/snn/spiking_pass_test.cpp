// Texts read one layer at a time: what the whole network says and counts, bit for bit.
#include "stac/snn/spiking_pass.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "stac/error.hpp"
#include "stac/snn/spiking_model.hpp"
#include "support/goldens.hpp"

namespace stac::snn {
namespace {

using model::Golden;
using model::Texts;

class SpikingPassOfEveryFamily : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] Texts texts() const {
    const at::Tensor ids = golden_.tensor("input_ids").contiguous();
    const auto* first = ids.data_ptr<std::int64_t>();
    return {{first, first + ids.size(1)}, {first, first + 1}, {first + 1, first + 5}};
  }
  [[nodiscard]] NetworkParts parts(const Code& code) const {
    return {golden_.config,
            std::make_shared<const model::TransformerWeights>(golden_.weights.weights),
            Plan(golden_.config.layers, {code}),
            {}};
  }

  Golden golden_{GetParam()};
};

TEST_P(SpikingPassOfEveryFamily, SaysAndCountsWhatTheWholeNetworkDoes) {
  for (const Code& code : {Code{8, 2}, Code{4, 3}, Code{6, 2, CodeKind::rate}}) {
    NetworkParts made = parts(code);
    made.config.logit_scale = 1.25;
    SpikingSequence whole(
        std::make_shared<SpikingTransformer>(made.config, *made.weights, made.plan, make_engine(EngineKind::fused)));
    SpikingPass pass(made, texts());
    for (std::size_t text = 0; text < texts().size(); ++text) {
      whole.reset();
      EXPECT_TRUE(at::equal(pass.of(text), whole.append(texts()[text], model::LogitRows::all))) << code_text(code);
    }
    EXPECT_EQ(pass.ledger(), whole.ledger()) << code_text(code);
    EXPECT_EQ(pass.ledger().coverage(), 1.0);
  }
}

TEST_P(SpikingPassOfEveryFamily, ShowsAStreamThatApproachesTheDenseOneAsTimestepsGrow) {
  const auto stream = [&](int timesteps) {
    SpikingPass pass(parts({timesteps, 2}), texts());
    pass.run_layer();
    return pass.stream();
  };
  const at::Tensor exact = stream(24), fine = stream(12), coarse = stream(6);
  EXPECT_LT((fine - exact).norm().item<double>(), 0.1 * (coarse - exact).norm().item<double>());
}

TEST_P(SpikingPassOfEveryFamily, RefusesWhatTheNetworkRefuses) {
  EXPECT_THROW(SpikingPass(parts({8, 2}), {{golden_.config.vocab_size}}), Error);
  EXPECT_THROW(SpikingPass(parts({8, 2}), {{}}), Error);
  const auto positions = static_cast<std::size_t>(golden_.config.max_positions);
  EXPECT_THROW(SpikingPass(parts({8, 2}), {{1}, std::vector<std::int64_t>(positions + 1, 1)}), Error);
}

INSTANTIATE_TEST_SUITE_P(Goldens, SpikingPassOfEveryFamily, ::testing::ValuesIn(model::golden_names()),
                         [](const auto& golden) { return golden.param; });

}  // namespace
}  // namespace stac::snn
