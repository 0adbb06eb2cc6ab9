#include "stac/convert/activation_repair.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "stac/convert/converter.hpp"
#include "stac/error.hpp"
#include "support/random_transformer.hpp"

namespace stac::convert {
namespace {

using testing::random_transformer;
using testing::RandomTransformer;

constexpr snn::PhaseCode kCode{8, 2};

std::shared_ptr<const snn::SpikingModel> network(const model::TransformerConfig& config,
                                                 const model::TransformerWeights& weights) {
  ConversionOptions options;
  options.code = kCode;
  return spiking_model(config, weights, options, snn::EngineKind::fused);
}

model::TransformerConfig with_relu(model::TransformerConfig config) {
  config.activation = model::Activation::relu;
  return config;
}

CalibrationText own_text(const RandomTransformer& m, std::int64_t samples) {
  return {"self-generated", sample_texts(*network(m.config, m.weights), samples, 48, 3), {}};
}

RepairedSwap repaired(const RandomTransformer& m, const CalibrationText& text) {
  return repair_swap(m.config, with_relu(m.config), m.weights, text, *snn::make_engine(snn::EngineKind::fused, kCode),
                     {});
}

double mean_square_error(const RandomTransformer& m, const model::TransformerWeights& weights) {
  const auto ids = sample_texts(*network(m.config, m.weights), 1, 40, 77).front();
  const at::Tensor expected = testing::dense_logits(m, ids);
  const auto sequence = network(with_relu(m.config), weights)->start_spiking();
  return (sequence->append(ids, model::LogitRows::all) - expected).square().mean().item<double>();
}

TEST(ActivationRepair, BringsTheLogitsBackOnTextThatItDidNotSee) {
  const RandomTransformer m = random_transformer({.seed = 4});
  const RepairedSwap swap = repaired(m, own_text(m, 40));
  EXPECT_LT(mean_square_error(m, swap.weights), 0.25 * mean_square_error(m, m.weights));
  for (const LayerRepair& layer : swap.layers) {
    EXPECT_LT(layer.refit, layer.fold);
    EXPECT_LT(layer.fold, layer.raw);
    EXPECT_EQ(layer.chosen, "refit");
  }
  EXPECT_TRUE(swap.fallbacks.empty());
}

TEST(ActivationRepair, ChangesTheDownProjectionsAlone) {
  const RandomTransformer m = random_transformer({.seed = 5});
  const RepairedSwap swap = repaired(m, own_text(m, 40));
  EXPECT_EQ(swap.weights.head.weight.data_ptr(), m.weights.head.weight.data_ptr());
  for (std::size_t layer = 0; layer < m.weights.blocks.size(); ++layer) {
    EXPECT_EQ(swap.weights.blocks[layer].up.weight.data_ptr(), m.weights.blocks[layer].up.weight.data_ptr());
    EXPECT_FALSE(at::equal(swap.weights.blocks[layer].down.weight, m.weights.blocks[layer].down.weight));
  }
}

TEST(ActivationRepair, OfReluItselfChangesNothing) {
  const RandomTransformer m = random_transformer({.activation = model::Activation::relu, .seed = 6});
  const RepairedSwap swap = repaired(m, own_text(m, 12));
  // What is left to repair is the rounding of the spikes, 8 bits deep.
  for (const LayerRepair& layer : swap.layers) EXPECT_LT(layer.raw, 1e-3);
}

TEST(ActivationRepair, DoesNotDependOnThreads) {
  const RandomTransformer m = random_transformer({.seed = 7});
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = own_text(m, 6).samples;
  at::set_num_threads(2);
  const auto two = own_text(m, 6).samples;
  at::set_num_threads(threads);
  EXPECT_EQ(one, two);
}

TEST(ActivationRepair, NeedsTwoSamples) {
  const RandomTransformer m = random_transformer({.seed = 8});
  EXPECT_THROW(static_cast<void>(repaired(m, own_text(m, 1))), Error);
}

}  // namespace
}  // namespace stac::convert
