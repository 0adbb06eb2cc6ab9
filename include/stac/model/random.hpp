// Random numbers as a function of seed and counter: the same on every platform, and independent of how often and in
// which order they are asked for.
//
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
#pragma once
#include <array>
#include <cstdint>

namespace stac::model {

/// Ten rounds of Philox over four 32-bit words.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key);

/// Uniform on [0, 1), a multiple of 2^-53: the upper bits of the first two words of philox({counter, 0}, seed), low
/// words first.
[[nodiscard]] double uniform(std::uint64_t seed, std::uint64_t counter);

}  // namespace stac::model
