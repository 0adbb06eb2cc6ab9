#include "convert/site_sampler.hpp"

#include <ATen/ATen.h>

#include <algorithm>

namespace stac::convert {
namespace {

constexpr std::int64_t kMostRows = 768;  // of one population, over all samples

at::Tensor as_tensor(const std::vector<float>& values, std::int64_t channels) {
  return at::tensor(values).view({static_cast<std::int64_t>(values.size()) / channels, channels});
}

}  // namespace

SiteSampler::SiteSampler(std::int64_t samples) : rows_per_sample_(std::max<std::int64_t>(2, kMostRows / samples)) {}

void SiteSampler::begin(RidgeRefit::Use use) { use_ = use; }

void SiteSampler::see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) {
  Kept& kept = kept_[where];
  kept.channels = channels;
  std::vector<float>& values = kept.values[use_];
  const std::int64_t taken = std::min(rows, rows_per_sample_);
  for (std::int64_t i = 0; i < taken; ++i) {  // evenly over the sample: the first positions are not like the others
    const float* const row = membranes + i * rows / taken * channels;
    values.insert(values.end(), row, row + channels);
  }
}

SiteRows SiteSampler::rows(snn::SiteId where) const {
  const Kept& kept = kept_.at(where);
  return {as_tensor(kept.values.at(RidgeRefit::Use::fit), kept.channels),
          as_tensor(kept.values.at(RidgeRefit::Use::judge), kept.channels)};
}

}  // namespace stac::convert
