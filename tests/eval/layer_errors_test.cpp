#include "stac/eval/layer_errors.hpp"

#include <gtest/gtest.h>

#include "stac/eval/evaluation_text.hpp"
#include "support/test_paths.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::eval {
namespace {

class LayerErrors : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::write_tiny_checkpoint(folder(), {.hidden = 32, .vocab = 264});
    testing::write_tiny_tokenizer(folder());
  }
  [[nodiscard]] std::filesystem::path folder() const { return temporary_.path() / "m"; }
  [[nodiscard]] std::vector<double> errors(int timesteps) const {
    const convert::OpenedModel model =
        convert::open_model({.model = folder().string(), .options = {.code = {timesteps, 2}}});
    return layer_errors(model, random_windows(264, 24, 3, 5));
  }

  testing::TemporaryFolder temporary_;
};

TEST_F(LayerErrors, HaveOnePerLayerAndHalveWithEveryTimestep) {
  const std::vector<double> coarse = errors(5), fine = errors(9);
  ASSERT_EQ(coarse.size(), 2U);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    EXPECT_GT(coarse[layer], 0.0);
    EXPECT_NEAR(fine[layer] / coarse[layer], 1.0 / 16.0, 0.04) << layer;
  }
}

}  // namespace
}  // namespace stac::eval
