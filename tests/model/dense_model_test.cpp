#include "stac/model/dense_model.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "stac/error.hpp"
#include "support/goldens.hpp"

namespace stac::model {
namespace {

using Ids = std::vector<std::int64_t>;

TEST(DenseModel, ContinuesWhereItStopped) {
  const Golden golden("inverse_layer");
  const auto split = golden.model.start();
  const auto whole = golden.model.start();
  static_cast<void>(split->append(Ids{1, 2, 3}, LogitRows::last));
  const at::Tensor last = split->append(Ids{4, 5}, LogitRows::last);
  const at::Tensor all = whole->append(Ids{1, 2, 3, 4, 5}, LogitRows::all);
  EXPECT_EQ(last.sizes(), (Ids{1, 97}));
  EXPECT_EQ(all.sizes(), (Ids{5, 97}));
  EXPECT_LT((last[0] - all[4]).abs().max().item<double>(), 1e-4);
  EXPECT_EQ(split->length(), 5);
}

TEST(DenseModel, ResetForgetsEverything) {
  const Golden golden("plain");
  const auto sequence = golden.model.start();
  const at::Tensor first = sequence->append(Ids{9, 8}, LogitRows::all);
  static_cast<void>(sequence->append(Ids{1}, LogitRows::all));
  sequence->reset();
  EXPECT_EQ(sequence->length(), 0);
  EXPECT_TRUE(at::equal(sequence->append(Ids{9, 8}, LogitRows::all), first));
}

TEST(DenseModel, AnErrorLeavesTheSequenceUnchanged) {
  const Golden golden("plain");
  const auto sequence = golden.model.start();
  const auto untouched = golden.model.start();
  const Ids prompt(40, 3);
  static_cast<void>(sequence->append(prompt, LogitRows::last));
  static_cast<void>(untouched->append(prompt, LogitRows::last));
  EXPECT_THROW(static_cast<void>(sequence->append(Ids{97}, LogitRows::last)), Error);
  EXPECT_THROW(static_cast<void>(sequence->append(Ids{-1}, LogitRows::last)), Error);
  EXPECT_THROW(static_cast<void>(sequence->append(Ids(9, 1), LogitRows::last)), Error);  // 49 of 48 positions
  EXPECT_THROW(static_cast<void>(sequence->append(Ids{}, LogitRows::last)), std::invalid_argument);
  EXPECT_EQ(sequence->length(), 40);
  const Ids rest(8, 5);  // the last positions there are
  EXPECT_TRUE(at::equal(sequence->append(rest, LogitRows::all), untouched->append(rest, LogitRows::all)));
  EXPECT_EQ(sequence->length(), 48);
}

TEST(DenseModel, ScalesItsLogits) {
  const Golden golden("plain");
  TransformerConfig config = golden.config;
  config.logit_scale = 1.25;
  const DenseModel scaled(config, golden.weights.weights);
  const at::Tensor expected = 1.25 * golden.model.start()->append(Ids{5, 6}, LogitRows::all);
  EXPECT_TRUE(at::equal(scaled.start()->append(Ids{5, 6}, LogitRows::all), expected));
}

}  // namespace
}  // namespace stac::model
