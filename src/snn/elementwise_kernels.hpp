// Vectorised elementwise functions. Every element is computed by the same lane arithmetic wherever it stands in a row.
#pragma once
#include <cstdint>

namespace stac::snn {

/// row[j] <- exp(row[j] - shift)
void shifted_exp(float* row, std::int64_t n, float shift);

/// row[j] <- 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), Hendrycks and Gimpel, arXiv:1606.08415
void gelu_tanh(float* row, std::int64_t n);

/// row[j] <- x / (1 + exp(-x))
void silu(float* row, std::int64_t n);

/// Nearest integers to row[j] / scale, saturated at +-full_scale.
/// @param scale  > 0
/// @return whether some quotient lay exactly halfway; such codes are rounded towards zero and the caller settles them
bool nearest_codes(const float* row, std::int64_t n, float scale, std::int32_t full_scale, std::int32_t* codes);
/// The same with a scale for every element. @param scales  [n], > 0; infinite: code 0
bool nearest_codes_of_each(const float* row, std::int64_t n, const float* scales, std::int32_t full_scale,
                           std::int32_t* codes);

}  // namespace stac::snn
