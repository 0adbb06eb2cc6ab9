#include "convert/site_sampler.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace stac::convert {
namespace {

// Of one population, over all samples of a use.
constexpr std::int64_t kFittedRows = 640, kJudgingRows = 128;

at::Tensor as_tensor(const std::vector<float>& values, std::int64_t channels) {
  return at::tensor(values).view({static_cast<std::int64_t>(values.size()) / channels, channels});
}

}  // namespace

SiteSampler::SiteSampler(const std::map<SampleUse, std::int64_t>& samples) {
  for (const auto& [use, count] : samples) {
    const std::int64_t rows = use == SampleUse::fit ? kFittedRows : kJudgingRows;
    rows_per_sample_[use] = std::max<std::int64_t>(2, rows / count);
  }
}

void SiteSampler::begin(SampleUse use) { use_ = use; }

void SiteSampler::see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) {
  Kept& kept = kept_[where];
  kept.channels = channels;
  std::vector<float>& values = kept.values[use_];
  const std::int64_t taken = std::min(rows, rows_per_sample_.at(use_));
  for (std::int64_t i = 0; i < taken; ++i) {  // evenly over the sample: the first positions are not like the others
    const float* const row = membranes + i * rows / taken * channels;
    values.insert(values.end(), row, row + channels);
  }
}

SiteRows SiteSampler::rows(snn::SiteId where) const {
  const Kept& kept = kept_.at(where);
  SiteRows rows;
  for (const auto& [use, values] : kept.values) {
    at::Tensor of_use = as_tensor(values, kept.channels);
    if (use == SampleUse::fit) {
      rows.fit = std::move(of_use);
    } else {
      rows.judges.push_back(std::move(of_use));
    }
  }
  return rows;
}

}  // namespace stac::convert
