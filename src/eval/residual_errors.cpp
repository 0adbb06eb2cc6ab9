#include "residual_errors.hpp"

#include <stdexcept>

namespace stac::eval {
namespace {

model::ResidualObserver keep_in(std::vector<std::vector<float>>& streams) {
  return [&streams](std::int64_t layer, std::span<const float> stream) {
    streams.at(static_cast<std::size_t>(layer)).assign(stream.begin(), stream.end());
  };
}

}  // namespace

model::ResidualObserver ResidualErrors::of_source() { return keep_in(source_); }

model::ResidualObserver ResidualErrors::of_spikeless() { return keep_in(spikeless_); }

model::ResidualObserver ResidualErrors::of_spiking() {
  return [this](std::int64_t layer, std::span<const float> stream) {
    const auto at = static_cast<std::size_t>(layer);
    sums_.at(at).of_spikes.add(stream, spikeless_.at(at));
    sums_.at(at).in_all.add(stream, source_.at(at));
  };
}

void ResidualErrors::Error::add(std::span<const float> stream, const Stream& from) {
  if (stream.size() != from.size()) throw std::logic_error("networks are compared on the same tokens");
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto value = static_cast<double>(from[i]), difference = static_cast<double>(stream[i]) - value;
    squares += difference * difference;
    whole += value * value;
  }
}

std::vector<convert::LayerError> ResidualErrors::result() const {
  std::vector<convert::LayerError> errors;
  for (const Sums& layer : sums_) errors.push_back({layer.of_spikes.share(), layer.in_all.share()});
  return errors;
}

}  // namespace stac::eval
