// The text on which a conversion is measured: none that anything was fitted or chosen by.
#pragma once
#include <string>

#include "stac/convert/converter.hpp"
#include "stac/eval/token_windows.hpp"

namespace stac::eval {

struct UnseenText {
  TokenWindows windows;
  std::string name;  ///< what it is, and why it is not the bundled text where it is not
};

/// The beginning of the bundled evaluation stories. Samples of the source's own where it has no tokenizer, or where the
/// calibration text holds a passage of the stories. As many tokens as 20 billion multiply-accumulates of a dense
/// forward allow (distilgpt2's 82 million parameters: 256), but 256 at least and 1,024 at most, in eight windows or
/// more.
/// @param calibration  what the conversion was given
/// @throws stac::Error  a broken tokenizer, a calibration file that can no longer be read
[[nodiscard]] UnseenText unseen_text(const convert::Conversion& conversion,
                                     const convert::CalibrationRequest& calibration,
                                     const convert::SamplingProgress& progress = {});

}  // namespace stac::eval
