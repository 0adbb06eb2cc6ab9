#include "stac/snn/kernel_clock.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <chrono>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "stac/snn/spiking_model.hpp"
#include "support/random_transformer.hpp"

namespace stac::snn {
namespace {

using testing::random_transformer;

double total(const KernelSeconds& seconds) { return std::accumulate(seconds.begin(), seconds.end(), 0.0); }

TEST(KernelClock, ChangesNothingAndAddsUpToTheTimeOfTheForward) {
  const auto m = random_transformer({});
  const Plan plan(m.config.layers, {});
  const std::vector<std::int64_t> ids{1, 5, 3, 2, 9};
  SpikingSequence plain(
      std::make_shared<SpikingTransformer>(m.config, m.weights, plan, make_engine(EngineKind::fused)));
  KernelClock clock;
  SpikingSequence clocked(std::make_shared<SpikingTransformer>(m.config, m.weights, plan, make_fused_engine(clock)));

  const auto start = std::chrono::steady_clock::now();
  clock.start();
  const at::Tensor logits = clocked.append(ids, model::LogitRows::all);
  clock.lap(Kernel::other);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  EXPECT_TRUE(at::equal(logits, plain.append(ids, model::LogitRows::all)));
  EXPECT_EQ(clocked.ledger(), plain.ledger());
  for (const double kernel : clock.seconds()) EXPECT_GT(kernel, 0.0);
  EXPECT_LE(total(clock.seconds()), seconds);
  EXPECT_GT(total(clock.seconds()), 0.5 * seconds);
}

TEST(KernelClock, CountsItsOwnThreadOnly) {
  KernelClock clock;
  std::thread([&] { clock.lap(Kernel::product); }).join();
  EXPECT_EQ(total(clock.seconds()), 0.0);
  clock.lap(Kernel::encode);
  EXPECT_EQ(total(clock.seconds()), clock.seconds()[static_cast<std::size_t>(Kernel::encode)]);
  EXPECT_GT(total(clock.seconds()), 0.0);
}

TEST(KernelClock, NamesEveryKernelOnce) {
  std::set<std::string_view> names;
  for (const Kernel kernel : kKernels) names.insert(kernel_name(kernel));
  EXPECT_EQ(names.size(), kKernels.size());
  EXPECT_EQ(names.count(""), 0U);
}

}  // namespace
}  // namespace stac::snn
