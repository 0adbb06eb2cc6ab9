// Texts read one layer at a time: what the whole model says of each, bit for bit.
#include "stac/model/dense_pass.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "stac/error.hpp"
#include "stac/model/dense_model.hpp"
#include "support/goldens.hpp"

namespace stac::model {
namespace {

class DensePassOfEveryFamily : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] Texts texts() const {
    const at::Tensor ids = golden_.tensor("input_ids").contiguous();
    const auto* first = ids.data_ptr<std::int64_t>();
    return {{first, first + ids.size(1)}, {first, first + 1}, {first + 1, first + 5}};
  }
  [[nodiscard]] std::shared_ptr<const TransformerWeights> weights() const {
    return std::make_shared<const TransformerWeights>(golden_.weights.weights);
  }

  Golden golden_{GetParam()};
};

TEST_P(DensePassOfEveryFamily, SaysWhatTheWholeModelSays) {
  const TextReader whole = reader_of(golden_.model), layerwise = reader_of(golden_.config, weights());
  const auto expected = whole(texts()), said = layerwise(texts());
  for (const std::size_t text : {2U, 0U, 1U}) EXPECT_TRUE(at::equal(said->of(text), expected->of(text))) << text;
}

TEST_P(DensePassOfEveryFamily, ShowsTheStreamThatTheLastNormReads) {
  DensePass pass(golden_.config, weights(), texts());
  for (std::int64_t layer = 0; layer < golden_.config.layers; ++layer) pass.run_layer();
  EXPECT_THROW(pass.run_layer(), std::logic_error);
  const at::Tensor stream = pass.stream();
  const std::int64_t longest = golden_.tensor("input_ids").size(1);
  ASSERT_EQ(stream.sizes(), (at::IntArrayRef{longest + 1 + 4, golden_.config.hidden_size}));
  DecoderHead head(golden_.config, golden_.weights.weights);
  const at::Tensor rows = stream.narrow(0, longest + 1, 4).unsqueeze(0);
  EXPECT_LT((head->forward(rows)[0] - pass.of(2)).abs().max().item<double>(), golden_.tolerance());
}

TEST_P(DensePassOfEveryFamily, RefusesWhatTheModelRefuses) {
  EXPECT_THROW(DensePass(golden_.config, weights(), {{golden_.config.vocab_size}}), Error);
  const auto positions = static_cast<std::size_t>(golden_.config.max_positions);
  EXPECT_THROW(DensePass(golden_.config, weights(), {{1}, std::vector<std::int64_t>(positions + 1, 1)}), Error);
}

INSTANTIATE_TEST_SUITE_P(Goldens, DensePassOfEveryFamily, ::testing::ValuesIn(golden_names()),
                         [](const auto& golden) { return golden.param; });

}  // namespace
}  // namespace stac::model
