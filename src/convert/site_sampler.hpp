// Keeps some of the membranes that reach each population, for calibration.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "stac/convert/ridge_refit.hpp"
#include "stac/convert/threshold_calibration.hpp"
#include "stac/snn/site_observer.hpp"

namespace stac::convert {

class SiteSampler : public snn::SiteObserver {
 public:
  /// @param samples  that will be read; each gives an equal share of the rows kept
  explicit SiteSampler(std::int64_t samples);

  /// A new sample begins; its rows judge or fit.
  void begin(RidgeRefit::Use use);
  void see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) override;

  /// What was kept of one population.
  [[nodiscard]] SiteRows rows(snn::SiteId where) const;

 private:
  struct Kept {
    std::int64_t channels = 0;
    std::map<RidgeRefit::Use, std::vector<float>> values;
  };

  std::int64_t rows_per_sample_;
  RidgeRefit::Use use_ = RidgeRefit::Use::fit;
  std::map<snn::SiteId, Kept> kept_;
};

}  // namespace stac::convert
