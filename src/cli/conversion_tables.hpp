// The parts of the conversion report that say what was measured.
#pragma once
#include <string>
#include <vector>

#include "stac/convert/converter.hpp"

namespace stac::cli {

/// What stands above a table, in lines that fit the report's width.
[[nodiscard]] std::string caption(const std::string& text);

/// "0.9873 (KL 0.12 to 0.10 on ...)", in one line.
[[nodiscard]] std::string logit_scale_text(const convert::LogitScaleRecord& scale);

/// Spikes of the whole network, on the text of its quality or, unmeasured, on random tokens; in one line.
[[nodiscard]] std::string activity_text(const convert::Conversion& conversion);

/// What each step of the pipeline cost, and what each layer's neurons did and lost.
[[nodiscard]] std::string quality_text(const convert::QualityRecord& quality);

/// Seconds of each stage, in a paragraph.
[[nodiscard]] std::string times_text(const std::vector<convert::StageTime>& times);

}  // namespace stac::cli
