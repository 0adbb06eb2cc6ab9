#include "stac/model/dense_model.hpp"

#include <ATen/ATen.h>

#include <stdexcept>
#include <utility>

namespace stac::model {
namespace {

class DenseSequence final : public Sequence {
 public:
  DenseSequence(const Gpt2& network, ResidualObserver observer)
      : network_(network), cache_(network->config().layers), observer_(std::move(observer)) {}

  at::Tensor append(std::span<const std::int64_t> ids, LogitRows rows) override {
    if (ids.empty()) throw std::invalid_argument("a sequence is continued by at least one token");
    at::Tensor row = at::empty({1, static_cast<std::int64_t>(ids.size())}, at::kLong);
    std::copy(ids.begin(), ids.end(), row.data_ptr<std::int64_t>());
    return network_->forward({row, {}, {}}, &cache_, rows, observer_)[0];
  }

  [[nodiscard]] std::int64_t length() const override { return cache_.length(); }
  void reset() override { cache_.truncate(0); }

 private:
  Gpt2 network_;
  KvCache cache_;
  ResidualObserver observer_;
};

}  // namespace

DenseModel::DenseModel(const TransformerConfig& config, const TransformerWeights& weights)
    : network_(config, weights) {}

std::unique_ptr<Sequence> DenseModel::start_observed(ResidualObserver observer) const {
  return std::make_unique<DenseSequence>(network_, std::move(observer));
}

}  // namespace stac::model
