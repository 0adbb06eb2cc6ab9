#include "convert/calibration_check.hpp"

#include <ATen/core/grad_mode.h>

#include "convert/source_distance.hpp"

namespace stac::convert {

std::vector<Verification> verify(const model::TextReader& source, const model::TextReader& plain,
                                 const model::TextReader& calibrated, const std::vector<TextSamples>& texts) {
  const at::NoGradGuard no_gradients;
  std::vector<Verification> verified;
  for (const TextSamples& text : texts) {
    const SourceDistance distance(source, text);
    verified.push_back({text.origin, distance.tokens(), distance.to(plain).kl, distance.to(calibrated).kl});
  }
  return verified;
}

const Verification* worst_harm(const std::vector<Verification>& verified) {
  const Verification* worst = nullptr;
  for (const Verification& text : verified) {
    const double harm = text.calibrated - text.plain;
    if (harm > (worst == nullptr ? 0.0 : worst->calibrated - worst->plain)) worst = &text;
  }
  return worst;
}

ThresholdRecord given_up(ThresholdRecord record) {
  for (CalibrationRecord& site : record.sites) {
    const double plain = site.choice.plain;
    site.choice = {.plain = plain, .error = plain, .dropped = true};
  }
  return record;
}

}  // namespace stac::convert
