// Random weights and codes for the tests of the products with panels of bytes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "snn/byte_product.hpp"

namespace stac::snn {

/// Weights of one panel beside a plain copy of them, and codes of a few rows.
struct Product {
  std::int64_t inputs, outputs, rows, pairs;
  std::vector<std::int8_t> weights, panel;
  std::vector<std::int16_t> codes;  // [rows, stride], at an odd offset
  std::ptrdiff_t stride;

  Product(std::int64_t inputs_, std::int64_t outputs_, std::int64_t rows_, int largest_code, double silent,
          std::mt19937& random)
      : inputs(inputs_), outputs(outputs_), rows(rows_), pairs((inputs_ + 1) / 2), stride(2 * pairs + 3) {
    std::uniform_int_distribution<int> weight(-127, 127), code(-largest_code, largest_code);
    std::bernoulli_distribution is_silent(silent);
    for (std::int64_t i = 0; i < inputs * outputs; ++i) weights.push_back(static_cast<std::int8_t>(weight(random)));
    panel.assign(pairs * kBytePair, 99);
    pack_byte_panel(weights.data(), outputs, inputs, panel.data());
    codes.assign(1 + rows * stride, 0);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t j = 0; j < inputs; ++j) {
        if (!is_silent(random)) codes[1 + r * stride + j] = static_cast<std::int16_t>(code(random));
      }
      codes[1 + r * stride] = static_cast<std::int16_t>(largest_code);
    }
  }

  [[nodiscard]] const std::int16_t* first_code() const { return codes.data() + 1; }

  [[nodiscard]] std::vector<std::int32_t> by_definition() const {
    std::vector<std::int32_t> sums(rows * kByteOutputs);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t o = 0; o < outputs; ++o) {
        for (std::int64_t j = 0; j < inputs; ++j) {
          sums[r * kByteOutputs + o] += first_code()[r * stride + j] * weights[o * inputs + j];
        }
      }
    }
    return sums;
  }
};

}  // namespace stac::snn
