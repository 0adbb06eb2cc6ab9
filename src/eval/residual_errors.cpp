#include "residual_errors.hpp"

#include <stdexcept>

namespace stac::eval {
namespace {

double relative_error(const at::Tensor& stream, const at::Tensor& from) {
  if (stream.sizes() != from.sizes()) throw std::logic_error("networks are compared on the same tokens");
  const float *a = stream.data_ptr<float>(), *b = from.data_ptr<float>();
  double squares = 0.0, whole = 0.0;
  for (std::int64_t i = 0; i < from.numel(); ++i) {
    const auto value = static_cast<double>(b[i]), difference = static_cast<double>(a[i]) - value;
    squares += difference * difference;
    whole += value * value;
  }
  return whole > 0.0 ? squares / whole : 0.0;
}

}  // namespace

convert::LayerError residual_error(const at::Tensor& source, const at::Tensor& spikeless, const at::Tensor& spiking) {
  return {relative_error(spiking, spikeless), relative_error(spiking, source)};
}

}  // namespace stac::eval
