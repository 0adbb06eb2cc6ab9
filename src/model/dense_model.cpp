#include "stac/model/dense_model.hpp"

#include <ATen/ATen.h>

#include <stdexcept>
#include <utility>

namespace stac::model {
namespace {

class DenseSequence final : public Sequence {
 public:
  explicit DenseSequence(const Decoder& network) : network_(network), cache_(network->config().layers) {}

  at::Tensor append(std::span<const std::int64_t> ids, LogitRows rows) override {
    if (ids.empty()) throw std::invalid_argument("a sequence is continued by at least one token");
    const auto fresh = static_cast<std::int64_t>(ids.size());
    at::Tensor text = at::empty({1, length() + fresh}, at::kLong);
    std::copy(read_.begin(), read_.end(), text.data_ptr<std::int64_t>());
    std::copy(ids.begin(), ids.end(), text.data_ptr<std::int64_t>() + length());
    const at::Tensor logits = must_reread(text.size(1))
                                  ? reread(text, fresh, rows)
                                  : network_->forward({text.narrow(1, length(), fresh), {}, {}}, &cache_, rows);
    read_.insert(read_.end(), ids.begin(), ids.end());
    return logits[0];
  }

  [[nodiscard]] std::int64_t length() const override { return static_cast<std::int64_t>(read_.size()); }
  void reset() override {
    cache_.truncate(0);
    read_.clear();
  }
  void truncate(std::int64_t length) override {
    if (length >= this->length()) return;
    const auto& rotary = network_->config().rotary;
    if (length <= 0 || (rotary && changes_angles(*rotary, this->length()))) return reset();
    cache_.truncate(length);
    read_.resize(static_cast<std::size_t>(length));
  }

 private:
  [[nodiscard]] bool must_reread(std::int64_t total) const {
    const auto& rotary = network_->config().rotary;
    return length() > 0 && rotary && changes_angles(*rotary, total);
  }

  at::Tensor reread(const at::Tensor& text, std::int64_t fresh, LogitRows rows) {
    KvCache cache(network_->config().layers);
    const at::Tensor logits = network_->forward({text, {}, {}}, &cache, rows);
    cache_ = std::move(cache);
    return rows == LogitRows::all ? logits.narrow(1, text.size(1) - fresh, fresh) : logits;
  }

  Decoder network_;
  KvCache cache_;
  std::vector<std::int64_t> read_;
};

}  // namespace

DenseModel::DenseModel(const TransformerConfig& config, const TransformerWeights& weights)
    : network_(config, weights) {}

std::unique_ptr<Sequence> DenseModel::start() const { return std::make_unique<DenseSequence>(network_); }

}  // namespace stac::model
