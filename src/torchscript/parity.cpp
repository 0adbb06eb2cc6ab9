#include "stac/torchscript/parity.hpp"

#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "stac/error.hpp"
#include "stac/model/logit_scores.hpp"

namespace stac::torchscript {

namespace {

constexpr double kTolerance = 1e-3;
constexpr double kAgreement = 0.99;

struct Reading {
  at::Tensor logits;                 // [ids, vocab]
  std::vector<std::int64_t> spikes;  // [layers + 1]
};

Reading read_exported(torch::jit::Module& module, const std::vector<std::int64_t>& ids) {
  const torch::NoGradGuard no_grad;
  const torch::jit::GraphOptimizerEnabledGuard unoptimised(false);  // optimising takes longer than a few texts
  const c10::IValue answer = [&] {
    try {
      return module.forward({at::tensor(ids).unsqueeze(0)});
    } catch (const std::exception& failure) {
      throw Error(std::string("the exported module fails: ") + failure.what(),
                  "export it again from this model: stac-convert --torchscript");
    }
  }();
  const auto parts = answer.toTuple();
  const at::Tensor spikes = parts->elements().at(2).toTensor().sum(1).contiguous();
  return {parts->elements().at(0).toTensor()[0].contiguous(),
          {spikes.data_ptr<std::int64_t>(), spikes.data_ptr<std::int64_t>() + spikes.numel()}};
}

Reading read_engine(const snn::SpikingModel& engine, const std::vector<std::int64_t>& ids) {
  const auto sequence = engine.start_spiking();
  Reading reading{sequence->append(ids, model::LogitRows::all), {}};
  const snn::Ledger& ledger = sequence->ledger();
  for (std::int64_t layer = 0; layer <= ledger.layers(); ++layer) {
    std::uint64_t spikes = 0;
    for (const snn::Site site : snn::kSites) spikes += ledger.counts(layer, site).spikes;
    reading.spikes.push_back(static_cast<std::int64_t>(spikes));
  }
  return reading;
}

void require_same_shape(const Reading& exported, const Reading& engine) {
  if (exported.logits.sizes() == engine.logits.sizes() && exported.spikes.size() == engine.spikes.size()) return;
  throw Error("the exported module is another model's: its vocabulary or its number of layers differs",
              "export it again from this model: stac-convert --torchscript");
}

double loss(const std::vector<model::TokenScore>& scores) {
  double sum = 0.0;
  for (const model::TokenScore& score : scores) sum += score.negative_log_likelihood;
  return sum;
}

}  // namespace

Parity measure_parity(torch::jit::Module& exported, const snn::SpikingModel& engine, const Texts& texts) {
  if (texts.empty()) throw Error("there is no text to compare an export on", "give at least one");
  Parity parity;
  const auto layers = static_cast<std::size_t>(engine.config().layers + 1);
  std::vector<std::int64_t> ours(layers), theirs(layers);
  double our_loss = 0.0, their_loss = 0.0;
  std::int64_t scored = 0, agreeing = 0;
  for (const std::vector<std::int64_t>& ids : texts) {
    if (ids.size() < 2) throw Error("a text to compare an export on has no next token", "give at least two tokens");
    const Reading wanted = read_engine(engine, ids);
    const Reading got = read_exported(exported, ids);
    require_same_shape(got, wanted);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      ours[layer] += got.spikes[layer];
      theirs[layer] += wanted.spikes[layer];
    }
    const auto n = static_cast<std::int64_t>(ids.size());
    const auto targets = std::span(ids).subspan(1);
    our_loss += loss(model::score_targets(got.logits.narrow(0, 0, n - 1), targets));
    their_loss += loss(model::score_targets(wanted.logits.narrow(0, 0, n - 1), targets));
    agreeing += got.logits.argmax(1).eq(wanted.logits.argmax(1)).sum().item<std::int64_t>();
    parity.largest_logit_difference =
        std::max(parity.largest_logit_difference, (got.logits - wanted.logits).abs().max().item<double>());
    parity.positions += n;
    scored += n - 1;
  }
  for (std::size_t layer = 0; layer < layers; ++layer) {
    parity.exported_spikes += ours[layer];
    parity.engine_spikes += theirs[layer];
    parity.layer_ratios.push_back(static_cast<double>(ours[layer]) / static_cast<double>(theirs[layer]));
  }
  parity.exported_perplexity = std::exp(our_loss / static_cast<double>(scored));
  parity.engine_perplexity = std::exp(their_loss / static_cast<double>(scored));
  parity.top1_agreement = static_cast<double>(agreeing) / static_cast<double>(parity.positions);
  return parity;
}

Parity measure_parity(const std::filesystem::path& file, const snn::SpikingModel& engine, const Texts& texts) {
  torch::jit::Module module = [&] {
    try {
      return torch::jit::load(file.string());
    } catch (const std::exception& failure) {
      throw Error(file.string() + ": is no TorchScript file that LibTorch can open: " + failure.what(),
                  "write one: stac-convert --torchscript FILE");
    }
  }();
  return measure_parity(module, engine, texts);
}

bool holds(const Parity& parity) {
  const bool spiking =
      std::ranges::all_of(parity.layer_ratios, [](double ratio) { return std::isfinite(ratio) && ratio > 0.0; });
  return spiking && std::abs(parity.spike_ratio() - 1.0) <= kTolerance &&
         std::abs(parity.perplexity_ratio() - 1.0) <= kTolerance && parity.top1_agreement >= kAgreement;
}

}  // namespace stac::torchscript
