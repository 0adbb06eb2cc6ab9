// Language models whose logits are known in closed form.
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "stac/model/language_model.hpp"

namespace stac::testing {

/// Logits of position i are a function of the token at i alone.
using LogitsOfToken = std::function<std::vector<float>(std::int64_t token)>;

class FakeSequence final : public model::Sequence {
 public:
  explicit FakeSequence(LogitsOfToken logits) : logits_(std::move(logits)) {}

  at::Tensor append(std::span<const std::int64_t> ids, model::LogitRows rows) override {
    std::vector<at::Tensor> all;
    for (const std::int64_t id : ids) {
      const std::vector<float> row = logits_(id);
      all.push_back(at::tensor(at::ArrayRef<float>(row)));
      read_.push_back(id);
    }
    const at::Tensor stacked = at::stack(all);
    return rows == model::LogitRows::all ? stacked : stacked.slice(0, stacked.size(0) - 1);
  }
  [[nodiscard]] std::int64_t length() const override { return static_cast<std::int64_t>(read_.size()); }
  void reset() override {
    read_.clear();
    ++resets;
  }
  void truncate(std::int64_t length) override {
    if (length < this->length()) read_.resize(static_cast<std::size_t>(length));
  }

  int resets = 0;

 private:
  LogitsOfToken logits_;
  std::vector<std::int64_t> read_;
};

}  // namespace stac::testing
