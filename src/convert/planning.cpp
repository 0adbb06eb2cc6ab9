#include "stac/convert/planning.hpp"

#include <ATen/ATen.h>

#include <vector>

#include "stac/convert/threshold_calibration.hpp"
#include "stac/snn/folding.hpp"

namespace stac::convert {
namespace {

using snn::Site;

constexpr std::int64_t kRows = 16384;  // in f64 at a time

/// sqrt(sum over readers of |W_j|^2), W the weight as the spikes meet it: with the norm's gain folded in.
at::Tensor column_norms(const std::vector<model::Projection>& readers, const model::Norm& norm) {
  at::Tensor squares = at::zeros({readers.front().weight.size(1)}, at::kDouble);
  for (const model::Projection& reader : readers) {
    for (const at::Tensor& rows : reader.weight.split(kRows)) squares += rows.to(at::kDouble).square().sum(0);
  }
  const at::Tensor norms = squares.sqrt();
  return norm.weight.defined() ? norms * norm.weight.to(at::kDouble).abs() : norms;
}

}  // namespace

bool is_never_negative(const model::TransformerConfig& network, Site site) {
  return site == Site::mix || (site == Site::down && network.activation == model::Activation::relu);
}

snn::Plan plain_plan(const ConversionOptions& options, const model::TransformerConfig& network) {
  snn::Plan plan(network.layers, {options.code});
  const bool is_static = options.threshold == ThresholdChoice::fixed;
  snn::for_each_site(network.layers, [&](std::int64_t layer, Site site) {
    snn::Population& population = plan.at(layer, site);
    population.group = group_at(site, options.group.value(), is_static);
    if (options.unsigned_spikes && is_never_negative(network, site)) {
      population.code.polarity = snn::Polarity::excitatory;
    }
  });
  return plan;
}

snn::Plan make_plan(const ConversionOptions& options, const model::TransformerConfig& config,
                    const model::TransformerWeights& weights) {
  snn::Plan plan = plain_plan(options, config);
  if (options.profile.value() != ProfileChoice::weights) return plan;
  const auto set = [&](std::int64_t layer, Site site, const std::vector<model::Projection>& readers,
                       const model::Norm& norm) {
    plan.at(layer, site).profile = profile_of(ProfileChoice::weights, {}, column_norms(readers, norm), options.code);
  };
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const model::Block block = weights.blocks[layer];
    for (const Site site : snn::kBlockProjections) {
      set(layer, site, snn::readers(block, site), snn::norm_before(block, site));
    }
  }
  set(config.layers, Site::head, {weights.head()}, weights.final_norm);
  return plan;
}

}  // namespace stac::convert
