// A sequence that says what a test tells it to, and checks that it is used as model::Sequence asks.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <vector>

#include "stac/model/language_model.hpp"

namespace stac::testing {

/// What a test can see of a sequence that somebody else owns.
struct SequenceLog {
  std::vector<std::int64_t> ids;                    ///< read since the last reset
  std::vector<std::vector<std::int64_t>> appended;  ///< every append()
  int resets = 0;
  int fail_next = 0;  ///< appends that throw from here on
};

class ScriptedSequence : public model::Sequence {
 public:
  using Rule = std::function<std::int64_t(const std::vector<std::int64_t>& text)>;

  /// @param next  the token that follows a text: its logit is 1, all others are 0
  ScriptedSequence(SequenceLog& log, std::int64_t vocabulary, std::int64_t max_positions, Rule next)
      : log_(log), vocabulary_(vocabulary), max_positions_(max_positions), next_(std::move(next)) {}

  at::Tensor append(std::span<const std::int64_t> ids, model::LogitRows rows) override {
    if (log_.fail_next > 0 && log_.fail_next-- > 0) throw std::runtime_error("told to fail");
    if (ids.empty() || length() + static_cast<std::int64_t>(ids.size()) > max_positions_) {
      throw std::logic_error("a test's sequence was used wrongly");
    }
    log_.appended.emplace_back(ids.begin(), ids.end());
    const auto count = rows == model::LogitRows::all ? static_cast<std::int64_t>(ids.size()) : 1;
    at::Tensor logits = at::zeros({count, vocabulary_}, at::kFloat);
    std::int64_t row = count - static_cast<std::int64_t>(ids.size());
    for (const std::int64_t id : ids) {
      log_.ids.push_back(id);
      if (row >= 0) logits.data_ptr<float>()[row * vocabulary_ + next_(log_.ids)] = 1;
      ++row;
    }
    return logits;
  }

  [[nodiscard]] std::int64_t length() const override { return static_cast<std::int64_t>(log_.ids.size()); }

  void reset() override {
    log_.ids.clear();
    ++log_.resets;
  }

  void truncate(std::int64_t length) override {
    if (length < this->length()) log_.ids.resize(static_cast<std::size_t>(length));
  }

 private:
  SequenceLog& log_;
  std::int64_t vocabulary_;
  std::int64_t max_positions_;
  Rule next_;
};

}  // namespace stac::testing
