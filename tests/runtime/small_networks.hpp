// Small random spiking networks of both families, on both engines, for tests of what is kept between forwards.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "stac/snn/spiking_model.hpp"
#include "support/random_transformer.hpp"

namespace stac::testing {

using Ids = std::vector<std::int64_t>;

class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(bits_() % static_cast<std::uint64_t>(bound));
  }
  Ids ids(std::int64_t count, std::int64_t vocabulary) {
    Ids result;
    for (std::int64_t i = 0; i < count; ++i) result.push_back(below(vocabulary));
    return result;
  }

 private:
  std::mt19937_64 bits_;
};

inline snn::SpikingModel spiking(const RandomTransformer& m, snn::Code code = {8, 2},
                                 snn::EngineKind kind = snn::EngineKind::fused) {
  return snn::SpikingModel(std::make_shared<const snn::SpikingTransformer>(
      m.config, m.weights, snn::Plan(m.config.layers, {code}), snn::make_engine(kind)));
}

struct SmallNetwork {
  std::string name;
  snn::SpikingModel model;
};

/// GPT-2, grouped heads, one key head, and sliding windows; fused and temporal; base 2, base 3 and rate.
inline const std::vector<SmallNetwork>& small_networks() {
  constexpr std::int64_t kVocabulary = 23, kPositions = 24;
  static const std::vector<SmallNetwork> networks = [] {
    const auto gpt2 = random_transformer(
        {.layers = 2, .heads = 2, .head_dim = 4, .vocab_size = kVocabulary, .max_positions = kPositions, .seed = 4});
    const auto llama = [&](std::int64_t kv_heads, std::int64_t window, std::int64_t first) {
      return random_llama({.layers = 2,
                           .heads = 4,
                           .kv_heads = kv_heads,
                           .vocab_size = kVocabulary,
                           .max_positions = kPositions,
                           .sliding_window = window,
                           .first_windowed_layer = first,
                           .seed = 5});
    };
    std::vector<SmallNetwork> all;
    for (const snn::EngineKind kind : {snn::EngineKind::fused, snn::EngineKind::temporal}) {
      const std::string engine = kind == snn::EngineKind::fused ? "fused " : "temporal ";
      all.push_back({engine + "gpt2", spiking(gpt2, {8, 2}, kind)});
      all.push_back({engine + "gpt2 base 3", spiking(gpt2, {4, 3}, kind)});
      all.push_back({engine + "llama grouped", spiking(llama(2, 0, 0), {8, 2}, kind)});
      all.push_back({engine + "llama one key head, rate", spiking(llama(1, 0, 0), {6, 2, snn::CodeKind::rate}, kind)});
      all.push_back({engine + "mistral window 5", spiking(llama(2, 5, 0), {7, 2}, kind)});
      all.push_back({engine + "window 7 from layer 1", spiking(llama(4, 7, 1), {5, 3}, kind)});
    }
    return all;
  }();
  return networks;
}

}  // namespace stac::testing
