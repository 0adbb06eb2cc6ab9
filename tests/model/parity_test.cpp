#include "stac/model/parity.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "model/memory_store.hpp"
#include "support/goldens.hpp"

namespace stac::model {
namespace {

MemoryStore copy_of(const Golden& golden) {
  MemoryStore store;
  for (const char* name : {"input_ids", "logits", "greedy_ids"}) store.tensors[name] = golden.tensor(name).clone();
  return store;
}

TEST(Parity, TheGreedyContinuationIsTransformersOwnInEveryConfiguration) {
  for (const std::string& name : golden_names()) {
    const Golden golden(name);
    const ParityReport report = compare_with_reference(golden.model, *golden.reference, golden.tolerance());
    EXPECT_TRUE(report.passed()) << name;
    EXPECT_EQ(report.greedy_tokens, 24) << name;
    EXPECT_EQ(report.positions, golden.tensor("input_ids").numel());
    EXPECT_EQ(report.top1_agreement, 1.0);
    EXPECT_FALSE(report.first_mismatch);
  }
}

TEST(Parity, FindsAWrongLogitAndSaysWhere) {
  const Golden golden("plain");
  MemoryStore store = copy_of(golden);
  store.tensors["logits"][0][7][31] += 50;
  const ParityReport report = compare_with_reference(golden.model, store);
  EXPECT_FALSE(report.passed());
  EXPECT_NEAR(report.max_abs_error, 50, 1e-3);
  EXPECT_DOUBLE_EQ(report.top1_agreement, 0.95);
  ASSERT_TRUE(report.first_mismatch);
  EXPECT_EQ(report.first_mismatch->position, 7);
  EXPECT_EQ(report.first_mismatch->reference, 31);
}

TEST(Parity, ANaNNeverPasses) {
  const Golden golden("plain");
  MemoryStore store = copy_of(golden);
  store.tensors["logits"][0][3][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(compare_with_reference(golden.model, store, 1e30).passed());
}

TEST(Parity, AGreedyMismatchFailsWhateverTheTolerance) {
  const Golden golden("relu");
  MemoryStore store = copy_of(golden);
  const auto right = store.tensors["greedy_ids"][0][20].item<std::int64_t>();
  store.tensors["greedy_ids"][0][20] = (right + 1) % 97;
  const ParityReport report = compare_with_reference(golden.model, store, 1e3);
  EXPECT_FALSE(report.passed());
  ASSERT_TRUE(report.first_greedy_mismatch);
  EXPECT_EQ(report.first_greedy_mismatch->position, 20);
  EXPECT_EQ(report.first_greedy_mismatch->ours, right);
}

TEST(Parity, RefusesAReferenceThatDoesNotFit) {
  const Golden golden("plain");
  const auto expect_refusal = [&](const char* name, const at::Tensor& replacement) {
    MemoryStore store = copy_of(golden);
    store.tensors[name] = replacement;
    EXPECT_THROW(static_cast<void>(compare_with_reference(golden.model, store)), Error) << name << replacement.sizes();
  };
  expect_refusal("input_ids", at::zeros({1, 20}, at::kInt));
  expect_refusal("input_ids", at::full({1, 20}, 97, at::kLong));
  expect_refusal("input_ids", at::zeros({20}, at::kLong));
  expect_refusal("logits", at::zeros({1, 20, 96}));
  expect_refusal("logits", at::zeros({1, 19, 97}));
  expect_refusal("greedy_ids", at::zeros({1, 12}, at::kLong));
  MemoryStore empty;
  EXPECT_THROW(static_cast<void>(compare_with_reference(golden.model, empty)), Error);
}

}  // namespace
}  // namespace stac::model
