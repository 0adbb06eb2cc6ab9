// How many multiply-accumulates int8 arithmetic with zero-skipping would keep, counted on the membranes of a run.
#pragma once
#include "stac/energy/contender.hpp"
#include "stac/snn/site_observer.hpp"

namespace stac::eval {

/// Rounds every row that a site is shown as dynamic int8 quantization would, with the row's largest magnitude (of a
/// query, its head's) at 127, and counts the fan-out of what is not rounded to zero. Texts must be read from their
/// starts, each in one forward.
class Int8Zeros final : public snn::SiteObserver {
 public:
  /// @param config  borrowed
  explicit Int8Zeros(const model::TransformerConfig& config) : config_(config) {}

  void see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) override;
  [[nodiscard]] bool wants_softmax() const override { return true; }

  [[nodiscard]] const energy::KeptMacs& kept() const { return kept_; }

 private:
  [[nodiscard]] std::uint64_t fan_out(snn::SiteId where, std::int64_t position) const;

  const model::TransformerConfig& config_;
  energy::KeptMacs kept_;
};

}  // namespace stac::eval
