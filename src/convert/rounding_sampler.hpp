// Gathers what the inputs of some projections say while a network runs, for error-compensated rounding.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "stac/convert/compensated_rounding.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/site_observer.hpp"

namespace stac::convert {

class RoundingSampler : public snn::SiteObserver {
 public:
  /// @param wanted     others are not looked at
  /// @param quantized  holds them
  RoundingSampler(const std::vector<snn::SiteId>& wanted, const snn::QuantizedWeights& quantized,
                  const snn::Plan& plan) {
    for (const snn::SiteId where : wanted) {
      inputs_.try_emplace(where, plan.at(where.layer, where.site), quantized.at(where).weight.size(1));
    }
  }

  /// A new sample begins; its rows judge or fit.
  void begin(SampleUse use) { use_ = use; }

  void see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t) override {
    const auto inputs = inputs_.find(where);
    if (inputs != inputs_.end()) inputs->second.add(membranes, rows, use_);
  }

  [[nodiscard]] const SpokenMoments& at(snn::SiteId where) const { return inputs_.at(where); }

 private:
  SampleUse use_ = SampleUse::fit;
  std::map<snn::SiteId, SpokenMoments> inputs_;
};

}  // namespace stac::convert
