// How far networks are from their source, all measured on the same samples.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "stac/convert/allocation.hpp"
#include "stac/model/text_logits.hpp"

namespace stac::convert {

class SourceDistance {
 public:
  /// Reads the samples with the source, once.
  /// @param samples  token ids, at least two in each
  SourceDistance(const model::TextReader& source, model::Texts samples);

  /// Of the next token, over all samples.
  [[nodiscard]] Distance to(const model::TextReader& network) const;

  [[nodiscard]] std::int64_t tokens() const;

 private:
  model::Texts samples_;
  std::vector<at::Tensor> source_logits_;
};

}  // namespace stac::convert
