// Thresholds from data: for each population, the channel profile and the full scales whose windows lose least of what
// the next projection makes of them.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "stac/convert/conversion_options.hpp"
#include "stac/snn/population.hpp"

namespace stac::convert {

/// What calibration chose for one population. Errors are of the projection's outputs, squared over square, on rows that
/// the choice did not see: of several texts that judge, on the one where they are largest.
struct SiteChoice {
  std::string profile = "none";  ///< ProfileChoice's name
  double clip = 1.0;             ///< static full scales over the largest membranes of the fitted rows
  bool rest = false;             ///< what windows leave unsaid on average is added to the bias
  double plain = 0.0;            ///< error without profile, clip and rest
  double error = 0.0;            ///< error of what is used
  bool dropped = false;          ///< the choice did harm on unseen rows, so the plain thresholds are used

  friend bool operator==(const SiteChoice&, const SiteChoice&) = default;
};

/// Membranes that reached one population.
struct SiteRows {
  at::Tensor fit;                  ///< f32 [rows, channels]
  std::vector<at::Tensor> judges;  ///< f32 [rows, channels] each, from other samples: one for every text that judges
};

struct CalibratedSite {
  snn::Population population;
  SiteChoice choice;
  snn::Population plain;  ///< without profile, clip and rest
};

/// The channel thresholds of a choice, scaled to a mean of 1; none for ProfileChoice::none.
/// @param rows   f32 [rows, channels]; not read for none and weights
/// @param norms  f64 [channels], the norm of each weight column
/// @param code   of mse
[[nodiscard]] std::vector<float> profile_of(ProfileChoice choice, const at::Tensor& rows, const at::Tensor& norms,
                                            const snn::Code& code);

/// @param start       code and group; no profile, no full scales
/// @param reader      f32 [outputs, channels], the weights that the spikes meet
/// @param rows        at least one text judges: a choice that does harm on any of them is dropped
/// @param profile     one choice, or ProfileChoice::best: of all, the one with the smallest error on the fitted rows
/// @param thresholds  static ones get full scales from the fitted rows
/// @param rest        whether to add what is left unsaid to the bias, where that helps
[[nodiscard]] CalibratedSite calibrate(const snn::Population& start, const SiteRows& rows, const at::Tensor& reader,
                                       ProfileChoice profile, ThresholdChoice thresholds, bool rest);

}  // namespace stac::convert
