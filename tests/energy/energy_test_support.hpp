// A network so small that its energy is worked out by hand, at prices that are easy to add up.
#pragma once
#include "stac/energy/comparison.hpp"

namespace stac::energy {

inline EnergyModel round_prices() {
  const auto price = [](double picojoules) { return OperationEnergy{picojoules, "made up"}; };
  return {"round",
          "Round numbers",
          {{"f32_add", price(1.0)},
           {"f32_multiply", price(3.0)},
           {"f32_divide", price(10.0)},
           {"f32_sqrt", price(10.0)},
           {"f32_exp", price(20.0)},
           {"int32_add", price(0.25)},
           {"int8_multiply", price(0.5)},
           {"int32_shift", price(0.125)},
           {"int32_compare", price(0.125)}},
          {{"a memory", 0, 1.0, "made up"}}};
}

/// Two layers of width 2 with one head, an MLP of 3 ReLU units, 4 words; they read one text of one token in windows of
/// three timesteps, base 2.
struct SmallRun {
  model::TransformerConfig config;
  snn::Plan plan{2, {{3, 2}}};
  snn::Ledger ledger{2};
  TextsRead texts{{1}};

  SmallRun() {
    config.vocab_size = 4;
    config.hidden_size = 2;
    config.layers = 2;
    config.heads = config.kv_heads = 1;
    config.head_dim = 2;
    config.intermediate_size = 3;
    config.max_positions = 8;
    config.activation = model::Activation::relu;
    for (const std::int64_t layer : {0, 1}) {
      ledger.add(layer, snn::Site::query_key_value,
                 {.macs = 12, .windows = 2, .silent = 0, .spikes = 3, .additions = 18});
      ledger.add(layer, snn::Site::scores,
                 {.macs = 2, .windows = 2, .silent = 1, .spikes = 1, .additions = 1, .silent_macs = 1});
      ledger.add(layer, snn::Site::mix, {.macs = 2, .windows = 1, .silent = 0, .spikes = 1, .additions = 2});
      ledger.add(layer, snn::Site::attention_output,
                 {.macs = 4, .windows = 2, .silent = 0, .spikes = 2, .additions = 4});
      ledger.add(layer, snn::Site::up,
                 {.macs = 6, .windows = 2, .silent = 1, .spikes = 2, .additions = 6, .silent_macs = 3});
      ledger.add(layer, snn::Site::down,
                 {.macs = 6, .windows = 3, .silent = 2, .spikes = 1, .additions = 2, .silent_macs = 4});
    }
    ledger.add(2, snn::Site::head, {.macs = 8, .windows = 2, .silent = 0, .spikes = 4, .additions = 16});
    ledger.add_demand(72);
  }

  [[nodiscard]] SpikingRun run(bool int8_weights = false) const { return {config, plan, ledger, texts, int8_weights}; }
};

}  // namespace stac::energy
