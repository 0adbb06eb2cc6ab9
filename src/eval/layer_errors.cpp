#include "stac/eval/layer_errors.hpp"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "residual_errors.hpp"
#include "stac/model/dense_pass.hpp"
#include "stac/snn/spiking_pass.hpp"
#include "window_reading.hpp"

namespace stac::eval {
namespace {

constexpr std::size_t kTokens = 1024;

model::Texts first_texts(const TokenWindows& text) {
  model::Texts texts;
  std::size_t tokens = 0;
  for (auto& ids : texts_to_read(text)) {
    if (!texts.empty() && tokens + ids.size() > kTokens) break;
    tokens += ids.size();
    texts.push_back(std::move(ids));
  }
  return texts;
}

}  // namespace

std::vector<double> layer_errors(const convert::OpenedModel& model, const TokenWindows& text,
                                 const Progress& progress) {
  const at::NoGradGuard no_gradients;
  const std::optional<convert::DenseParts> source = model.source_parts();
  if (!source) return {};
  const model::Texts texts = first_texts(text);
  model::DensePass dense(source->config, source->weights, texts);
  snn::SpikingPass spiking(model.network_parts(), texts);
  std::vector<double> errors;
  for (std::int64_t layer = 0; layer < source->config.layers; ++layer) {
    dense.run_layer();
    spiking.run_layer();
    errors.push_back(std::sqrt(residual_error(dense.stream(), dense.stream(), spiking.stream()).in_all));
    tell(progress, layer + 1, source->config.layers);
  }
  return errors;
}

}  // namespace stac::eval
