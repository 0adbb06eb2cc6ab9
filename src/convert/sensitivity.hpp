// What a network loses when one of its populations speaks more coarsely, and what that population then costs.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "stac/convert/allocation.hpp"
#include "stac/energy/contender.hpp"
#include "stac/snn/residual_stream.hpp"
#include "stac/snn/spiking_block.hpp"
#include "stac/snn/spiking_head.hpp"
#include "stac/snn/spiking_pass.hpp"

namespace stac::convert {

/// Reads the samples once with the finest plan and keeps the residual stream in front of every layer, so that a change
/// in one layer costs the layers from there on.
class SensitivityMeter {
 public:
  /// @param network  of the finest plan; must outlive the meter
  /// @param prices   of operations
  /// @param samples  token ids, at least one sample
  SensitivityMeter(const snn::NetworkParts& network, energy::EnergyModel prices, const model::Texts& samples);

  /// @param alternative  its code and group; the rest is filled in
  [[nodiscard]] Alternative measure(snn::SiteId where, Alternative alternative) const;

  [[nodiscard]] std::int64_t tokens() const { return tokens_; }

 private:
  [[nodiscard]] snn::SpikingBlock block_of(std::int64_t layer, const snn::Plan& plan) const;
  [[nodiscard]] snn::SpikingHead head_of(const snn::Plan& plan) const;

  /// Borrows its arguments.
  [[nodiscard]] energy::SpikingRun run_of(const snn::Plan& plan, const snn::Ledger& ledger) const;

  const snn::NetworkParts& network_;
  std::unique_ptr<snn::Engine> engine_;
  energy::EnergyModel prices_;
  energy::TextsRead read_;
  std::int64_t tokens_ = 0;
  std::vector<snn::SpikingBlock> blocks_;
  snn::SpikingHead head_;
  std::vector<snn::Rows> before_;  // [layers + 1]: in front of each layer, and of the head
  at::Tensor reference_;           // [tokens, vocabulary]
};

}  // namespace stac::convert
