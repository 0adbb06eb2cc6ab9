#include "stac/torchscript/parity.hpp"

#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "stac/error.hpp"
#include "stac/model/logit_scores.hpp"

namespace stac::torchscript {

namespace {

constexpr double kTolerance = 1e-3;
constexpr double kLayerTolerance = 1e-2;
constexpr double kAgreement = 0.99;

/// What one network made of a batch of texts.
struct Reading {
  std::vector<at::Tensor> logits;    // [texts]: [ids, vocab]
  std::vector<std::int64_t> spikes;  // [layers + 1]
};

const char* const kExportAgain = "export it again from this model: stac-convert --torchscript";

/// The text, and beside it its end, which needs padding in front.
Texts with_shorter_row(const std::vector<std::int64_t>& ids) {
  const auto pads = static_cast<std::ptrdiff_t>(ids.size() / 4);
  return pads == 0 ? Texts{ids} : Texts{ids, {ids.begin() + pads, ids.end()}};
}

/// Texts of a batch as the module takes them.
struct Batch {
  at::Tensor ids, mask;            // int64 [texts, longest]
  std::vector<std::int64_t> pads;  // [texts]
};

Batch padded(const Texts& texts) {
  const auto longest = static_cast<std::int64_t>(texts.front().size());
  const auto rows = static_cast<std::int64_t>(texts.size());
  Batch batch{at::zeros({rows, longest}, at::kLong), at::zeros({rows, longest}, at::kLong), {}};
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto tokens = static_cast<std::int64_t>(texts[static_cast<std::size_t>(row)].size());
    batch.pads.push_back(longest - tokens);
    batch.ids[row].narrow(0, longest - tokens, tokens).copy_(at::tensor(texts[static_cast<std::size_t>(row)]));
    batch.mask[row].narrow(0, longest - tokens, tokens).fill_(1);
  }
  return batch;
}

c10::IValue run(torch::jit::Module& module, std::vector<c10::IValue> arguments) {
  try {
    return module.forward(std::move(arguments));
  } catch (const c10::Error& failure) {
    throw Error(std::string("the exported module fails: ") + failure.what_without_backtrace(), kExportAgain);
  } catch (const std::exception& failure) {
    throw Error(std::string("the exported module fails: ") + failure.what(), kExportAgain);
  }
}

/// Three quarters of the batch at once, the rest token by token.
Reading read_exported(torch::jit::Module& module, const Texts& texts) {
  const torch::NoGradGuard no_grad;
  const torch::jit::GraphOptimizerEnabledGuard unoptimised(false);  // optimising takes longer than a few texts
  const Batch batch = padded(texts);
  const std::int64_t longest = batch.ids.size(1), prefilled = longest - longest / 4;
  std::vector<at::Tensor> logits;
  at::Tensor spikes;
  c10::IValue past;
  for (std::int64_t begin = 0, end = prefilled; begin < longest; begin = end++) {
    const auto parts = run(module, {batch.ids.slice(1, begin, end), past, batch.mask.slice(1, 0, end)}).toTuple();
    logits.push_back(parts->elements().at(0).toTensor());
    past = parts->elements().at(1);
    const at::Tensor counted = parts->elements().at(2).toTensor().sum(1);
    spikes = spikes.defined() ? spikes + counted : counted;
  }
  spikes = spikes.contiguous();
  Reading reading{{}, {spikes.data_ptr<std::int64_t>(), spikes.data_ptr<std::int64_t>() + spikes.numel()}};
  const at::Tensor all = at::cat(logits, 1);
  for (std::int64_t row = 0; row < all.size(0); ++row) {
    reading.logits.push_back(all[row].slice(0, batch.pads[static_cast<std::size_t>(row)]).contiguous());
  }
  return reading;
}

Reading read_engine(const snn::SpikingModel& engine, const Texts& texts) {
  const auto sequence = engine.start_spiking();
  Reading reading;
  for (const std::vector<std::int64_t>& ids : texts) {
    sequence->reset();
    reading.logits.push_back(sequence->append(ids, model::LogitRows::all));
  }
  const snn::Ledger& ledger = sequence->ledger();
  for (std::int64_t layer = 0; layer <= ledger.layers(); ++layer) {
    std::uint64_t spikes = 0;
    for (const snn::Site site : snn::kSites) spikes += ledger.counts(layer, site).spikes;
    reading.spikes.push_back(static_cast<std::int64_t>(spikes));
  }
  return reading;
}

void require_same_shape(const Reading& exported, const Reading& engine) {
  if (exported.logits.front().sizes() == engine.logits.front().sizes() &&
      exported.spikes.size() == engine.spikes.size()) {
    return;
  }
  throw Error("the exported module is another model's: its vocabulary or its number of layers differs", kExportAgain);
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
    const Texts rows = with_shorter_row(ids);
    const Reading wanted = read_engine(engine, rows);
    const Reading got = read_exported(exported, rows);
    require_same_shape(got, wanted);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      ours[layer] += got.spikes[layer];
      theirs[layer] += wanted.spikes[layer];
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto n = static_cast<std::int64_t>(rows[row].size());
      const auto targets = std::span(rows[row]).subspan(1);
      const at::Tensor &said = got.logits[row], &expected = wanted.logits[row];
      our_loss += loss(model::score_targets(said.narrow(0, 0, n - 1), targets));
      their_loss += loss(model::score_targets(expected.narrow(0, 0, n - 1), targets));
      agreeing += said.argmax(1).eq(expected.argmax(1)).sum().item<std::int64_t>();
      parity.largest_logit_difference =
          std::max(parity.largest_logit_difference, (said - expected).abs().max().item<double>());
      parity.positions += n;
      scored += n - 1;
    }
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

bool holds(const Parity& parity) {
  const bool every_layer =
      std::ranges::all_of(parity.layer_ratios, [](double ratio) { return std::abs(ratio - 1.0) <= kLayerTolerance; });
  return every_layer && std::abs(parity.spike_ratio() - 1.0) <= kTolerance &&
         std::abs(parity.perplexity_ratio() - 1.0) <= kTolerance && parity.top1_agreement >= kAgreement;
}

}  // namespace stac::torchscript
