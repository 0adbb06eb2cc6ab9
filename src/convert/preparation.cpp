#include "stac/convert/preparation.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "convert/calibration_streams.hpp"
#include "convert/rounding_sampler.hpp"
#include "convert/site_sampler.hpp"
#include "snn/task_queue.hpp"
#include "stac/convert/compensated_rounding.hpp"
#include "stac/convert/quantization.hpp"
#include "stac/convert/ridge_refit.hpp"
#include "stac/error.hpp"
#include "stac/model/activation.hpp"
#include "stac/snn/folding.hpp"
#include "stac/snn/spoken_values.hpp"

namespace stac::convert {
namespace {

using snn::Site;

at::Tensor as_tensor(snn::Rows& rows, std::int64_t width) {
  return at::from_blob(rows.data(), {static_cast<std::int64_t>(rows.size()) / width, width}, at::kFloat);
}

/// The weights that a projection's spikes meet: the norm's gain folded in.
at::Tensor reader_of(const at::Tensor& weight, const model::Norm& norm) {
  return norm.weight.defined() ? (weight * norm.weight).contiguous() : weight.contiguous();
}

std::map<SampleUse, std::int64_t> counted(const std::vector<Stream>& streams) {
  std::map<SampleUse, std::int64_t> samples;
  for (const Stream& stream : streams) ++samples[stream.use];
  return samples;
}

at::Tensor reader_of(const model::Block& block, Site site) {
  return reader_of(snn::stack(snn::readers(block, site)).weight, snn::norm_before(block, site));
}

LayerRepair described(const Refit& refit) {
  const bool solved = refit.refit.projection.weight.defined();
  return {refit.raw.error(), refit.fold.error(), (solved ? refit.refit : refit.fold).error(), refit.best().strength,
          refit.best().name};
}

class LayerByLayer {
 public:
  LayerByLayer(const model::TransformerConfig& source, const model::TransformerConfig& network,
               const ConversionOptions& options, Preparation& result, std::vector<Stream> streams)
      : source_(source),
        network_(network),
        options_(options),
        result_(result),
        streams_(std::move(streams)),
        engine_(snn::make_engine(snn::EngineKind::fused)),
        ledger_(source.layers) {}

  void prepare(std::int64_t layer) {
    model::Block block = result_.weights.blocks[layer];
    if (needs_calibration(options_)) calibrate_layer(layer, block);
    quantize(layer, block);
    compensate(layer, block, {Site::query_key_value, Site::attention_output, Site::up},
               [this](const snn::SpikingBlock& watched, Stream& stream) {
                 attend(watched, stream, ledger_);
                 (void)watched.up(stream.hidden, ledger_);
               });
    {
      const snn::SpikingBlock before(network_, block, layer, result_.plan, *engine_, result_.quantized);
      for (Stream& stream : streams_) attend(before, stream, ledger_);
      if (source_.activation != network_.activation) {
        repair(layer, before, block);
        quantize_down(layer, block);
      }
    }
    compensate(layer, block, {Site::down}, [this](const snn::SpikingBlock& watched, Stream& stream) {
      watched.feed_forward(stream.hidden, ledger_);
    });
    const snn::SpikingBlock after(network_, block, layer, result_.plan, *engine_, result_.quantized);
    for (Stream& stream : streams_) after.feed_forward(stream.hidden, ledger_);
  }

  void prepare_head() {
    if (needs_calibration(options_)) calibrate_head();
    if (options_.quantize != QuantizeChoice::int8) return;
    const snn::SiteId head{source_.layers, Site::head};
    const snn::SpikingLinear folded = folded_head(result_.weights, result_.plan);
    result_.quantized[head] = convert::quantize(folded);
    if (options_.rounding == RoundingChoice::nearest) return;
    RoundingSampler sampler({head}, result_.quantized, result_.plan);
    for (const Stream& stream : streams_) {
      sampler.begin(stream.use);
      sampler.see(head, snn::normalised(source_, stream.hidden).data(), stream.tokens, source_.hidden_size);
    }
    round(folded, sampler);
  }

 private:
  void quantize(std::int64_t layer, const model::Block& block) {
    if (options_.quantize != QuantizeChoice::int8) return;
    for (auto& [where, linear] : quantize_block(block, layer, result_.plan)) {
      result_.quantized.insert_or_assign(where, linear);
    }
  }

  void quantize_down(std::int64_t layer, const model::Block& block) {
    if (options_.quantize != QuantizeChoice::int8) return;
    const snn::SiteId down{layer, Site::down};
    result_.quantized.insert_or_assign(down, convert::quantize(folded_site(block, down, result_.plan)));
  }

  /// Rounds these sites again, on what their inputs say in the layer as it now is.
  /// @param run  the part of the layer that spikes into them, on a copy of a stream
  template <typename Run>
  void compensate(std::int64_t layer, const model::Block& block, const std::vector<Site>& sites, const Run& run) {
    if (options_.rounding == RoundingChoice::nearest) return;
    std::vector<snn::SiteId> wanted;
    for (const Site site : sites) wanted.push_back({layer, site});
    RoundingSampler sampler(wanted, result_.quantized, result_.plan);
    const auto watching = snn::observed(snn::make_engine(snn::EngineKind::fused), sampler);
    const snn::SpikingBlock watched(network_, block, layer, result_.plan, *watching, result_.quantized);
    for (Stream stream : streams_) {
      sampler.begin(stream.use);
      run(watched, stream);
    }
    for (const snn::SiteId where : wanted) round(folded_site(block, where, result_.plan), sampler);
  }

  void round(const snn::SpikingLinear& folded, const RoundingSampler& sampler) {
    Rounding rounding = better_rounding(folded, sampler.at(folded.site));
    if (!rounding.compensated) {
      result_.fallbacks.push_back(place(folded.site) +
                                  ": error-compensated rounding did no good on unseen text; kept: nearest");
    }
    result_.quantized.insert_or_assign(folded.site, std::move(rounding.linear));
  }

  void calibrate_head() {
    SiteSampler sampler(counted(streams_));
    for (const Stream& stream : streams_) {
      sampler.begin(stream.use);
      sampler.see({source_.layers, Site::head}, snn::normalised(source_, stream.hidden).data(), stream.tokens,
                  source_.hidden_size);
    }
    const model::TransformerWeights& weights = result_.weights;
    set({source_.layers, Site::head}, sampler, reader_of(weights.head().weight, weights.final_norm));
  }

  void calibrate_layer(std::int64_t layer, const model::Block& block) {
    SiteSampler sampler(counted(streams_));
    const auto watching = snn::observed(snn::make_engine(snn::EngineKind::fused), sampler);
    const snn::SpikingBlock plain(network_, block, layer, result_.plan, *watching);
    for (Stream stream : streams_) {
      sampler.begin(stream.use);
      attend(plain, stream, ledger_);
      plain.feed_forward(stream.hidden, ledger_);
    }
    for (const Site site : snn::kBlockProjections) {
      set({layer, site}, sampler, reader_of(block, site));
      if (site == Site::query_key_value) set_queries(layer, sampler);
    }
  }

  void set(snn::SiteId where, const SiteSampler& sampler, const at::Tensor& reader) {
    snn::Population& population = result_.plan.at(where.layer, where.site);
    snn::Population start = population;
    start.profile = {};
    CalibratedSite site =
        calibrate(start, sampler.rows(where), reader, options_.profile.value(), options_.threshold, true);
    population = std::move(site.population);
    result_.plain.at(where.layer, where.site) = std::move(site.plain);
    record(where, site.choice);
  }

  /// Static full scales of the heads; adaptive queries have nothing to calibrate.
  void set_queries(std::int64_t layer, const SiteSampler& sampler) {
    if (options_.threshold == ThresholdChoice::adaptive) return;
    const snn::SiteId where{layer, Site::scores};
    snn::Population& population = result_.plan.at(layer, Site::scores);
    snn::Population& plain = result_.plain.at(layer, Site::scores);
    const SiteRows rows = sampler.rows(where);
    const at::Tensor identity = at::eye(source_.head_dim);
    SiteChoice mean{.clip = 0.0};
    for (std::int64_t head = 0; head < source_.heads; ++head) {
      const auto of_head = [&](const at::Tensor& all) {
        return all.narrow(1, head * source_.head_dim, source_.head_dim).contiguous();
      };
      SiteRows head_rows{of_head(rows.fit), {}};
      for (const at::Tensor& judge : rows.judges) head_rows.judges.push_back(of_head(judge));
      const CalibratedSite site =
          calibrate({population.code}, head_rows, identity, ProfileChoice::none, options_.threshold, false);
      population.full_scale.push_back(site.population.full_scale.front());
      plain.full_scale.push_back(site.plain.full_scale.front());
      const double share = 1.0 / static_cast<double>(source_.heads);
      mean.clip += share * site.choice.clip;
      mean.plain += share * site.choice.plain;
      mean.error += share * site.choice.error;
    }
    record(where, mean);
  }

  void record(snn::SiteId where, const SiteChoice& choice) {
    if (choice.dropped) {
      result_.fallbacks.push_back(
          place(where) + ": calibrated thresholds do harm on text that they were not fitted to; kept: plain ones");
    }
    result_.calibrated.push_back({where, choice});
  }

  [[nodiscard]] std::string place(snn::SiteId where) const {
    if (where.site == Site::head) return "head";
    return "layer " + std::to_string(where.layer) + ", " + std::string(site_name(where.site));
  }

  void repair(std::int64_t layer, const snn::SpikingBlock& swapped, model::Block& block) {
    const snn::LoopsOnCaller loops;
    const snn::SpokenValues says(result_.plan.at(layer, Site::down));
    RidgeRefit refit(block.down);
    for (const Stream& stream : streams_) watch(swapped, says, stream, refit);
    const Refit solved = refit.solve(likely_strength_);
    if (solved.refit.projection.weight.defined()) likely_strength_ = solved.refit.strength;
    block.down = solved.best().projection;
    result_.weights.blocks.replace_down(layer, block.down);
    result_.repairs.push_back(described(solved));
    result_.folded.push_back(solved.fold.projection);
    const std::string where = "layer " + std::to_string(layer);
    if (solved.singular) {
      result_.fallbacks.push_back(where + ": a weak ridge left the refit's system singular and was passed over");
    }
    if (result_.repairs.back().chosen != "refit") {
      result_.fallbacks.push_back(
          where + ": the refit does no good on text that it was not fitted to; kept: " + result_.repairs.back().chosen);
    }
  }

  void watch(const snn::SpikingBlock& block, const snn::SpokenValues& says, const Stream& stream, RidgeRefit& refit) {
    const std::int64_t width = source_.intermediate_size;
    snn::Rows membranes = block.up(stream.hidden, ledger_);
    const at::Tensor original = model::apply_activation(source_.activation, as_tensor(membranes, width));
    snn::Rows spoken(membranes.size());
    std::transform(membranes.begin(), membranes.end(), spoken.begin(), [](float v) { return std::max(v, 0.0F); });
    snn::for_each_task(stream.tokens, [&](std::int64_t r) { says.apply(spoken.data() + r * width, width); });
    refit.add(as_tensor(spoken, width), original, stream.use);
  }

  const model::TransformerConfig& source_;
  const model::TransformerConfig& network_;
  const ConversionOptions& options_;
  Preparation& result_;
  std::vector<Stream> streams_;
  std::unique_ptr<snn::Engine> engine_;
  snn::Ledger ledger_;
  double likely_strength_ = RidgeRefit::kUsualStrength;  ///< of a ridge: the last layer's
};

}  // namespace

Preparation prepare(const model::TransformerConfig& source, const model::TransformerConfig& network,
                    const model::TransformerWeights& weights, const ConversionOptions& options, const snn::Plan& plan,
                    const CalibrationText& text, const std::function<void(std::int64_t layer)>& progress) {
  if (text.samples.size() < 2) {
    throw Error("calibration needs at least two samples of text", "take more with --calibration-samples");
  }
  Preparation result{weights, plan, plan, {}, {}, {}, {}, {}};
  LayerByLayer layers(source, network, options, result, embedded(weights, text));
  for (std::int64_t layer = 0; layer < source.layers; ++layer) {
    if (progress) progress(layer);
    layers.prepare(layer);
  }
  layers.prepare_head();
  return result;
}

}  // namespace stac::convert
