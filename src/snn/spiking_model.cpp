#include "stac/snn/spiking_model.hpp"

namespace stac::snn {

SpikingSequence::SpikingSequence(std::shared_ptr<const SpikingTransformer> network)
    : network_(std::move(network)), state_(network_->new_state()), ledger_(network_->config().layers) {}

at::Tensor SpikingSequence::append(std::span<const std::int64_t> ids, model::LogitRows rows) {
  const SequenceInput input{ids, &state_};
  return network_->forward({&input, 1}, rows, ledger_);
}

}  // namespace stac::snn
