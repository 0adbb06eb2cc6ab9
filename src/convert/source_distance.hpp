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
  /// @param text  at least two tokens in each sample
  SourceDistance(const model::TextReader& source, TextSamples text);

  /// Of the next token, over all samples. On text of the source's own the ratio is exp(KL), of whose logarithm the
  /// drawn tokens' is an estimate: over a thousand tokens at a KL of 0.01 that one is off by 0.004.
  [[nodiscard]] Distance to(const model::TextReader& network) const;

  [[nodiscard]] std::int64_t tokens() const;

 private:
  TextSamples text_;
  std::vector<at::Tensor> source_logits_;
};

}  // namespace stac::convert
