// Rotary positions: pairs of a head's channels are turned by angles that grow with the position (Su et al.,
// arXiv:2104.09864). Channel i turns together with channel i + head_dim / 2, transformers' "rotate half".
#pragma once
#include <cstdint>
#include <vector>

namespace stac::model {

/// How angles are changed for contexts longer than the model was first trained for.
enum class RopeScaling {
  none,
  linear,   ///< every frequency over `factor` (Chen et al., arXiv:2306.15595)
  dynamic,  ///< NTK-aware: a larger theta the longer the text, beyond the original context
  yarn,     ///< low frequencies over `factor`, high ones kept, a ramp between (Peng et al., arXiv:2309.00071)
  llama3    ///< the same with bounds in wavelengths (Llama 3.1)
};

struct RotaryPositions {
  RopeScaling scaling = RopeScaling::none;
  double theta = 10000.0;
  double factor = 1.0;
  std::int64_t original_positions = 0;  ///< context before scaling
  double amplitude = 1.0;               ///< yarn: cosines and sines are multiplied by it
  double beta_fast = 32.0;              ///< yarn: turns over the original context above which a frequency is kept
  double beta_slow = 1.0;               ///< yarn: turns below which it is divided
  bool truncate = true;                 ///< yarn: the ramp's ends are whole channels
  double low_frequency_factor = 1.0;    ///< llama3: the same as beta_slow
  double high_frequency_factor = 4.0;   ///< llama3: the same as beta_fast
};

/// Whether one token more than `length` - 1 turns all tokens by other angles: dynamic beyond the original context. What
/// was computed from the shorter text is then void, and the text has to be read from its start.
[[nodiscard]] bool changes_angles(const RotaryPositions& rotary, std::int64_t length);

/// The turns of one text.
class Rotation {
 public:
  /// @param head_dim  even
  /// @param length    of the text, its new tokens included
  Rotation(const RotaryPositions& rotary, std::int64_t head_dim, std::int64_t length);

  /// Radians per position of each pair, f32 and in transformers' order of operations: [head_dim / 2].
  [[nodiscard]] const std::vector<float>& frequencies() const { return frequencies_; }

  /// amplitude cos(angle) and amplitude sin(angle) of every pair at one position.
  /// @param cosines, sines  [head_dim / 2], written
  void at(std::int64_t position, float* cosines, float* sines) const;

  /// The same of the turn that takes what stands at one position to another, without the amplitude: cos and sin of
  /// angle(to) - angle(from).
  void between(std::int64_t from, std::int64_t to, float* cosines, float* sines) const;

 private:
  std::vector<float> frequencies_;
  float amplitude_;
};

/// Turns one head's channels: (x_i, x_j) <- (x_i cos - x_j sin, x_j cos + x_i sin), j = i + pairs.
/// @param head            [2 pairs]
/// @param cosines, sines  [pairs]
void rotate(float* head, std::int64_t pairs, const float* cosines, const float* sines);

}  // namespace stac::model
