// Calibration text on its way through the layers of a network, one layer at a time.
#pragma once
#include <cstdint>
#include <vector>

#include "stac/convert/calibration_text.hpp"
#include "stac/convert/sample_use.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/residual_stream.hpp"
#include "stac/snn/spiking_block.hpp"

namespace stac::convert {

/// A sample: the residual rows of its tokens, and what it is for.
struct Stream {
  snn::Rows hidden;
  std::int64_t tokens = 0;
  SampleUse use = SampleUse::fit;
};

/// Of the text's samples every eighth judges, and the last; the others fit. Its witnesses follow them.
[[nodiscard]] std::vector<Stream> embedded(const model::TransformerWeights& weights, const CalibrationText& text);

/// stream.hidden += attention
void attend(const snn::SpikingBlock& block, Stream& stream, snn::Ledger& ledger);

}  // namespace stac::convert
