// The product of the down projection, the weights of silent pairs read or left out, on what the neurons of an artifact
// say while it reads the bundled evaluation text token by token:
//
//     stac_silence_benchmark ARTIFACT [TOKENS]
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "snn/byte_product.hpp"
#include "snn/byte_tiles.hpp"
#include "snn/code_table.hpp"
#include "snn/encoded_rows.hpp"
#include "snn/gain_control.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/snn/site_observer.hpp"

namespace {

using namespace stac;
using Clock = std::chrono::steady_clock;

/// Membranes of every layer's down projection, [layers][tokens, channels].
class DownMembranes : public snn::SiteObserver {
 public:
  explicit DownMembranes(std::int64_t layers) : rows(layers) {}
  void see(snn::SiteId where, const float* membranes, std::int64_t count, std::int64_t channels) override {
    if (where.site != snn::Site::down) return;
    rows[where.layer].insert(rows[where.layer].end(), membranes, membranes + count * channels);
  }
  std::vector<std::vector<float>> rows;
};

/// One layer's weights in panels, and its tokens' codes.
class Down {
 public:
  Down(const snn::QuantizedLinear& linear, const snn::Population& population, const std::vector<float>& membranes)
      : table_(population.code), inputs_(linear.weight.size(1)), outputs_(linear.weight.size(0)) {
    const std::int64_t pairs = (inputs_ + 1) / 2;
    panel_ = pairs * snn::kBytePair;
    panels_.resize((outputs_ + snn::kByteOutputs - 1) / snn::kByteOutputs * panel_);
    const at::Tensor weight = linear.weight.contiguous();
    for (std::int64_t first = 0; first < outputs_; first += snn::kByteOutputs) {
      snn::pack_byte_panel(weight.data_ptr<std::int8_t>() + first * inputs_,
                           std::min(snn::kByteOutputs, outputs_ - first), inputs_,
                           panels_.data() + first / snn::kByteOutputs * panel_);
    }
    std::vector<float> scratch;
    for (auto row = membranes.begin(); row != membranes.end(); row += inputs_) {
      const float* const scaled = snn::in_profile_units(population, &*row, inputs_, scratch);
      tokens_.emplace_back(table_, population, 1, inputs_);
      const snn::RowSpikes said =
          tokens_.back().encode(0, 0, scaled, inputs_, snn::row_gains(population, scaled, inputs_));
      silent_ += said.silent;
    }
  }

  /// Seconds of all tokens' products.
  [[nodiscard]] double seconds(bool skip) const {
    alignas(64) std::int32_t sums[snn::kByteRows * snn::kByteOutputs];
    const auto start = Clock::now();
    for (const snn::EncodedRows& codes : tokens_) {
      const snn::ByteTiles tiles(codes, skip);
      for (std::size_t at = 0; at < panels_.size(); at += panel_) {
        const std::size_t next = at + panel_;
        tiles.multiply(0, 1, panels_.data() + at, next < panels_.size() ? panels_.data() + next : nullptr, sums);
      }
    }
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  [[nodiscard]] double silent_share() const {
    return static_cast<double>(silent_) / static_cast<double>(tokens_.size() * inputs_);
  }

 private:
  snn::CodeTable table_;
  std::int64_t inputs_, outputs_, panel_ = 0;
  std::vector<std::int8_t> panels_;
  std::vector<snn::EncodedRows> tokens_;
  std::uint64_t silent_ = 0;
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: stac_silence_benchmark ARTIFACT [TOKENS]\n", stderr);
    return 2;
  }
  const at::NoGradGuard no_gradients;
  const convert::OpenedModel model = convert::open_model({.model = argv[1]});
  eval::TextPlan text;
  text.file = eval::bundled_evaluation_text();
  text.context = argc > 2 ? std::stol(argv[2]) : 128;
  text.windows = 1;
  const std::vector<std::int64_t> ids = eval::read_windows(model, text).windows.front();

  DownMembranes seen(model.config().layers);
  const auto network =
      model.network(model.plan(), snn::observed(model.engine(snn::EngineKind::fused), seen), model.config().storage);
  static_cast<void>(network.start()->append(ids, model::LogitRows::last));

  const snn::NetworkParts parts = model.network_parts();
  std::puts("layer  silent  all weights, us a token  those of spiking pairs  faster");
  for (std::int64_t layer = 0; layer < model.config().layers; ++layer) {
    const auto linear = parts.quantized.find({layer, snn::Site::down});
    if (linear == parts.quantized.end()) {
      std::fputs("the artifact has no int8 weights: convert with --quantize int8\n", stderr);
      return 1;
    }
    const Down down(linear->second, parts.plan.at(layer, snn::Site::down), seen.rows[layer]);
    std::vector<double> all, some;
    for (int turn = 0; turn < 12; ++turn) {  // alternating, so that both see the same machine; the first warms up
      all.push_back(down.seconds(false));
      some.push_back(down.seconds(true));
    }
    const double tokens = static_cast<double>(ids.size()) * 1e-6;
    std::printf("%5ld  %5.1f%%  %23.2f  %22.2f  %5.2fx\n", static_cast<long>(layer), 100.0 * down.silent_share(),
                median(all) / tokens, median(some) / tokens, median(all) / median(some));
  }
}
