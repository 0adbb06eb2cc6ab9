// What a network says of several texts, each read from its start: what comparisons of networks take.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "stac/model/language_model.hpp"

namespace stac::model {

using Texts = std::vector<std::vector<std::int64_t>>;

class TextLogits {
 public:
  virtual ~TextLogits() = default;

  /// @param text  its index
  /// @return f32 [tokens of the text, vocab_size]
  /// @throws stac::Error  as Sequence::append
  virtual at::Tensor of(std::size_t text) = 0;
};

/// Makes a network read. @param texts  at least one token each
using TextReader = std::function<std::unique_ptr<TextLogits>(Texts texts)>;

/// A network that is in memory as a whole reads each text when it is asked for.
/// @param sequence  borrowed; empty afterwards
[[nodiscard]] std::unique_ptr<TextLogits> reads(Sequence& sequence, Texts texts);
/// @param model  borrowed
[[nodiscard]] TextReader reader_of(const LanguageModel& model);

/// Reads all texts one layer after the other: of a large network no more than a layer is in memory.
class LayerwisePass : public TextLogits {
 public:
  explicit LayerwisePass(std::int64_t layers) : layers_(layers) {}

  /// The next layer.
  void run_layer();

  /// The residual stream behind the layers run so far: f32 [tokens of all texts, hidden_size], contiguous.
  [[nodiscard]] virtual at::Tensor stream() const = 0;

  /// Runs the layers that are left first.
  at::Tensor of(std::size_t text) final;

 protected:
  virtual void run(std::int64_t layer) = 0;
  virtual at::Tensor logits(std::size_t text) = 0;

 private:
  std::int64_t layers_, next_ = 0;
};

}  // namespace stac::model
