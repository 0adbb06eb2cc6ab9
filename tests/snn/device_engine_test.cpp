// Projections on a device of LibTorch: on the CPU always, on a GPU where there is one.
#include "stac/snn/device_engine.hpp"

#include <ATen/Context.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <random>
#include <string>

#include "snn/engine_test_support.hpp"
#include "stac/snn/spiking_model.hpp"
#include "support/random_transformer.hpp"

namespace stac::snn {
namespace {

class DeviceEngine : public ::testing::TestWithParam<at::DeviceType> {
 protected:
  void SetUp() override {
    if (GetParam() == at::kCUDA && !at::globalContext().hasCUDA()) GTEST_SKIP() << "no GPU that LibTorch can use";
  }
  [[nodiscard]] static std::unique_ptr<Engine> engine() { return device_engine(GetParam()); }
};

void expect_same(const Engine& ours, const SpikingLinear& layer, std::int64_t rows, std::mt19937& random) {
  const std::vector<float> membranes = random_rows(rows * layer.weight.columns, random);
  std::vector<float> wanted(rows * layer.weight.rows), currents(wanted.size());
  const SiteCounts counts =
      make_engine(EngineKind::temporal)->projection(layer)->run(membranes.data(), rows, wanted.data());
  EXPECT_EQ(ours.projection(layer)->run(membranes.data(), rows, currents.data()), counts);
  EXPECT_EQ(currents, wanted);
}

TEST_P(DeviceEngine, SaysWhatTheTemporalEngineSaysInEveryCode) {
  std::mt19937 random(51);
  for (const Code& code : all_variants()) {
    Population population{code};
    if (full_scale(code) < (1 << 16) && random() % 2 == 0) population.group = 8;
    for (const int bits : {7, 30}) {
      SCOPED_TRACE(described(code) + " " + std::to_string(bits));
      expect_same(*engine(), random_layer(9, 21, population, random, bits), 3, random);
    }
  }
}

// 30 bits of weight, 17 of code and 12 of the number of inputs: more than an f64 counts.
TEST_P(DeviceEngine, SumsBeyondAnF64AreExact) {
  std::mt19937 random(52);
  const Population population{Code{16, 2}};
  const SpikingLinear layer = random_layer(3, 3000, population, random);
  ASSERT_EQ(layer.weight.bits, 30);
  expect_same(*engine(), layer, 2, random);
}

TEST_P(DeviceEngine, WholeNetworksAgreeBitForBit) {
  for (const auto& m : {testing::random_transformer({}), testing::random_llama({})}) {
    const Plan plan(m.config.layers, {Code{8, 2}});
    const auto read = [&](std::unique_ptr<Engine> engine) {
      SpikingSequence sequence(std::make_shared<SpikingTransformer>(m.config, m.weights, plan, std::move(engine)));
      const std::vector<std::int64_t> ids{1, 5, 2, 60, 33, 7, 7, 0, 12};
      const at::Tensor logits = sequence.append(ids, model::LogitRows::all);
      return std::pair(logits, sequence.ledger());
    };
    const auto [ours, counted] = read(engine());
    const auto [wanted, ledger] = read(make_engine(EngineKind::temporal));
    EXPECT_TRUE(at::equal(ours, wanted));
    EXPECT_EQ(counted, ledger);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, DeviceEngine, ::testing::Values(at::kCPU, at::kCUDA),
                         [](const auto& device) { return std::string(device.param == at::kCPU ? "Cpu" : "Cuda"); });

}  // namespace
}  // namespace stac::snn
