#include "stac/convert/ridge_refit.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <set>

namespace stac::convert {
namespace {

struct Data {
  model::Projection old;
  at::Tensor replaced, original;  // [rows, in]
};

Data swapped_data(std::int64_t rows, std::uint64_t seed, std::int64_t outputs = 5) {
  torch::manual_seed(seed);
  const at::Tensor membranes = at::randn({rows, 12}) * 1.5;
  return {{at::randn({outputs, 12}), at::randn({outputs})}, at::relu(membranes), at::gelu(membranes)};
}

double relative_error(const model::Projection& projection, const Data& data) {
  const at::Tensor target = data.original.matmul(data.old.weight.t()) + data.old.bias;
  const at::Tensor got = data.replaced.matmul(projection.weight.t()) + projection.bias;
  const at::Tensor scale = data.original.matmul(data.old.weight.t());
  return ((got - target).square().sum() / scale.square().sum()).item<double>();
}

void expect_minimiser(std::int64_t outputs) {
  const Data fit = swapped_data(400, 1, outputs), judge = swapped_data(200, 2, outputs);
  RidgeRefit sums(fit.old);
  sums.add(fit.replaced, fit.original, SampleUse::fit);
  sums.add(judge.replaced, judge.original, SampleUse::judge);
  const Refit solved = sums.solve();

  // The same problem as ordinary least squares: centred rows, and one row more per input for the ridge.
  const at::Tensor x = fit.replaced.to(at::kDouble);
  const at::Tensor r = (fit.original - fit.replaced).matmul(fit.old.weight.t()).to(at::kDouble);
  const at::Tensor centred = x - x.mean(0), residual = r - r.mean(0);
  const double ridge = solved.refit.strength * centred.square().mean().item<double>() * 400.0;
  const at::Tensor rows = at::cat({centred, std::sqrt(ridge) * at::eye(12, at::kDouble)});
  const at::Tensor targets = at::cat({residual, at::zeros({12, outputs}, at::kDouble)});
  const at::Tensor change = std::get<0>(at::linalg_lstsq(rows, targets));
  const at::Tensor weight = fit.old.weight + change.t();
  const at::Tensor bias = fit.old.bias + r.mean(0) - x.mean(0).matmul(change);
  EXPECT_TRUE(at::allclose(solved.refit.projection.weight, weight.to(at::kFloat), 1e-4, 1e-4));
  EXPECT_TRUE(at::allclose(solved.refit.projection.bias, bias.to(at::kFloat), 1e-4, 1e-4));
}

TEST(RidgeRefit, IsTheMinimiserOfTheRidgeProblem) { expect_minimiser(5); }

TEST(RidgeRefit, IsTheMinimiserAtEveryOutputWhereAPartOfThemChoosesTheStrength) { expect_minimiser(500); }

TEST(RidgeRefit, ErrorsAreThoseOnTheJudgingRows) {
  const Data fit = swapped_data(300, 3);
  Data judge = swapped_data(150, 4);
  judge.old = fit.old;
  RidgeRefit sums(fit.old);
  sums.add(fit.replaced, fit.original, SampleUse::fit);
  sums.add(judge.replaced, judge.original, SampleUse::judge);
  const Refit solved = sums.solve();
  for (const RefitCandidate* candidate : {&solved.raw, &solved.fold, &solved.refit}) {
    EXPECT_NEAR(candidate->error(), relative_error(candidate->projection, judge), 1e-5) << candidate->name;
  }
  EXPECT_LT(solved.refit.error(), solved.fold.error());
  EXPECT_LT(solved.fold.error(), solved.raw.error());
  EXPECT_EQ(solved.best().name, "refit");
}

TEST(RidgeRefit, TheFoldMovesTheMeanAndNothingElse) {
  const Data data = swapped_data(200, 5);
  RidgeRefit sums(data.old);
  sums.add(data.replaced, data.original, SampleUse::fit);
  sums.add(data.replaced, data.original, SampleUse::judge);
  const Refit solved = sums.solve();
  EXPECT_TRUE(at::equal(solved.fold.projection.weight, data.old.weight));
  const at::Tensor shift = (data.original - data.replaced).matmul(data.old.weight.t()).mean(0);
  EXPECT_TRUE(at::allclose(solved.fold.projection.bias, data.old.bias + shift, 1e-4, 1e-5));
}

TEST(RidgeRefit, DoesNotDependOnHowRowsAreHandedOver) {
  const Data data = swapped_data(700, 6);
  RidgeRefit whole(data.old), parts(data.old);
  whole.add(data.replaced, data.original, SampleUse::fit);
  for (std::int64_t first = 0; first < 700; first += 70) {
    parts.add(data.replaced.narrow(0, first, 70), data.original.narrow(0, first, 70), SampleUse::fit);
  }
  for (RidgeRefit* sums : {&whole, &parts}) sums->add(data.replaced, data.original, SampleUse::judge);
  EXPECT_TRUE(at::allclose(whole.solve().refit.projection.weight, parts.solve().refit.projection.weight, 1e-4, 1e-5));
}

TEST(RidgeRefit, FindsTheSameStrengthWhereverItLooksFirst) {
  std::set<double> found;
  for (const std::int64_t rows : {14, 30, 100, 400}) {
    const Data fit = swapped_data(rows, 21), judge = swapped_data(200, 22);
    RidgeRefit sums(fit.old);
    sums.add(fit.replaced, fit.original, SampleUse::fit);
    sums.add(judge.replaced, judge.original, SampleUse::judge);
    const RefitCandidate usual = sums.solve().refit;
    found.insert(usual.strength);
    for (const double first : {1e-3, 1e-2, 1e-1, 1.0}) {
      const RefitCandidate other = sums.solve(first).refit;
      EXPECT_EQ(other.strength, usual.strength) << rows << " rows, first " << first;
      EXPECT_TRUE(at::equal(other.projection.weight, usual.projection.weight));
    }
    EXPECT_THROW(static_cast<void>(sums.solve(0.5)), std::logic_error);
  }
  EXPECT_GT(found.size(), 1U);
}

TEST(RidgeRefit, SilentInputsLeaveTheFoldAndSaySo) {
  Data data = swapped_data(64, 7);
  data.replaced = at::zeros_like(data.replaced);
  RidgeRefit sums(data.old);
  sums.add(data.replaced, data.original, SampleUse::fit);
  sums.add(data.replaced, data.original, SampleUse::judge);
  const Refit solved = sums.solve();
  EXPECT_TRUE(solved.singular);
  EXPECT_FALSE(solved.refit.projection.weight.defined());
  EXPECT_EQ(solved.best().name, "fold");
}

TEST(RidgeRefit, KeepsWhatIsBestOnRowsThatItDidNotFit) {
  Data fit = swapped_data(200, 8), judge = swapped_data(200, 9);
  judge.original = judge.replaced;  // on these rows nothing was lost: any change can only harm
  RidgeRefit sums(fit.old);
  sums.add(fit.replaced, fit.original, SampleUse::fit);
  sums.add(judge.replaced, judge.original, SampleUse::judge);
  EXPECT_EQ(sums.solve().best().name, "raw");
}

TEST(RidgeRefit, KeepsNothingThatDoesHarmOnTheWitnesses) {
  const Data fit = swapped_data(400, 11), judge = swapped_data(200, 12), alike = swapped_data(200, 13);
  Data other = swapped_data(200, 14);
  other.original = other.replaced;  // of these nothing was lost
  const auto chosen = [&](const Data& witness) {
    RidgeRefit sums(fit.old);
    sums.add(fit.replaced, fit.original, SampleUse::fit);
    sums.add(judge.replaced, judge.original, SampleUse::judge);
    sums.add(witness.replaced, witness.original, SampleUse::witness);
    return sums.solve().best().name;
  };
  EXPECT_EQ(chosen(alike), "refit");
  EXPECT_EQ(chosen(other), "raw");
}

TEST(RidgeRefit, KeepsTheFoldWhereOnlyTheRefitDoesHarmOnTheWitnesses) {
  const Data fit = swapped_data(400, 15), judge = swapped_data(200, 16);
  Data witness = swapped_data(200, 17);
  const at::Tensor lost = (fit.original - fit.replaced).mean(0);
  witness.original = witness.replaced + lost;  // the mean, and nothing that follows the inputs
  RidgeRefit sums(fit.old);
  sums.add(fit.replaced, fit.original, SampleUse::fit);
  sums.add(judge.replaced, judge.original, SampleUse::judge);
  sums.add(witness.replaced, witness.original, SampleUse::witness);
  const Refit solved = sums.solve();
  EXPECT_EQ(solved.best().name, "fold");
  EXPECT_LT(solved.refit.errors.front(), solved.fold.errors.front());
  EXPECT_EQ(solved.refit.error(), std::max(solved.refit.errors[0], solved.refit.errors[1]));
}

TEST(RidgeRefit, NeedsRowsOfBothKinds) {
  const Data data = swapped_data(16, 10);
  RidgeRefit sums(data.old);
  EXPECT_THROW(static_cast<void>(sums.solve()), std::logic_error);
  sums.add(data.replaced, data.original, SampleUse::fit);
  EXPECT_THROW(static_cast<void>(sums.solve()), std::logic_error);
}

}  // namespace
}  // namespace stac::convert
