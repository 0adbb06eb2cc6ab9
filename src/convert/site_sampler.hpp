// Keeps some of the membranes that reach each population, for calibration.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "stac/convert/sample_use.hpp"
#include "stac/convert/threshold_calibration.hpp"
#include "stac/snn/site_observer.hpp"

namespace stac::convert {

class SiteSampler : public snn::SiteObserver {
 public:
  /// @param samples  how many will be read for each use; each gives an equal share of the rows kept for that
  explicit SiteSampler(const std::map<SampleUse, std::int64_t>& samples);

  /// A new sample begins.
  void begin(SampleUse use);
  void see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) override;

  /// What was kept of one population.
  [[nodiscard]] SiteRows rows(snn::SiteId where) const;

 private:
  struct Kept {
    std::int64_t channels = 0;
    std::map<SampleUse, std::vector<float>> values;
  };

  std::map<SampleUse, std::int64_t> rows_per_sample_;
  SampleUse use_ = SampleUse::fit;
  std::map<snn::SiteId, Kept> kept_;
};

}  // namespace stac::convert
