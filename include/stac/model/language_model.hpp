// What generation and evaluation need of a model, dense or spiking.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>

#include "stac/error.hpp"
#include "stac/model/config.hpp"

namespace stac::model {

enum class LogitRows { all, last };

/// One causal sequence that a model is reading: it owns its KV cache and continues where it stopped.
class Sequence {
 public:
  virtual ~Sequence() = default;

  /// Reads further tokens at positions length(), length() + 1, ...
  /// @param ids   [n], n >= 1, each in [0, vocab_size)
  /// @param rows  logits of every new token, or of the last alone
  /// @return f32 [n or 1, vocab_size]
  /// @throws stac::Error  an id out of range, or length() + n > max_positions; the sequence is then unchanged
  virtual at::Tensor append(std::span<const std::int64_t> ids, LogitRows rows) = 0;

  [[nodiscard]] virtual std::int64_t length() const = 0;

  /// Forgets everything read.
  virtual void reset() = 0;

  /// Forgets everything from `length` on, as if it had never been read; more where what is left would be void too (see
  /// length()). A no-op where nothing is beyond.
  virtual void truncate(std::int64_t length) = 0;

  /// Forgets the tokens first .. first + count - 1 without reading those behind them again: an approximation.
  /// @throws stac::UsageError  this kind of sequence or its model cannot
  virtual void shift(std::int64_t first, std::int64_t count) {
    static_cast<void>(first), static_cast<void>(count);
    throw UsageError("the cache of this model cannot be shifted", "choose another --overflow: turns or window");
  }
};

class LanguageModel {
 public:
  virtual ~LanguageModel() = default;
  [[nodiscard]] virtual const TransformerConfig& config() const = 0;

  /// A new, empty sequence. The model must outlive it.
  [[nodiscard]] virtual std::unique_ptr<Sequence> start() const = 0;
};

}  // namespace stac::model
