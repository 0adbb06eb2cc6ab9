// How windows of spikes are executed. Two engines, one answer: `temporal` simulates every timestep, `fused` computes
// with the integer code that a window spells. Their results are equal bit for bit (docs/theory.md, "Exact sums").
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "stac/snn/fixed_point.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/population.hpp"

namespace stac::snn {

/// A projection's parameters on the integer grid: y = W x + bias with W = mantissa * unit per output.
struct SpikingLinear {
  FixedPointMatrix weight;   ///< [outputs, inputs], the inputs' profile folded in
  std::vector<double> bias;  ///< [outputs]
  Population inputs;
  SiteId site;
};

/// A projection whose inputs spike. Immutable; shared by sequences and threads.
class SpikingProjection {
 public:
  virtual ~SpikingProjection() = default;

  /// Each row's neurons speak its membranes; their spikes drive the weights.
  /// @param membranes  [rows, inputs], f32
  /// @param currents   [rows, outputs], f32, written
  /// @throws stac::Error  a membrane is NaN or infinite
  virtual SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const = 0;
};

struct AttentionShape {
  std::int64_t layer = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;  ///< heads / kv_heads query heads share one key and value head
  std::int64_t head_dim = 0;
  double scale = 1.0;               ///< factor on q.k
  std::vector<int> key_exponent;    ///< [kv_heads], grid on which keys are cached
  std::vector<int> value_exponent;  ///< [kv_heads]
  int key_bits = 30;
  int value_bits = 30;
  bool in_bytes = false;  ///< a head's key or value of one token is kept in bytes, in steps of its own on that grid
  std::vector<Population> queries;  ///< [heads], of head_dim channels each, in one code
  /// Of the softmax: a row's largest weight is 1. Its channels are the cached tokens.
  Population weights;
  std::int64_t window = 0;  ///< keys that a query sees at most, its own and those just before it; 0: all
};

/// Whether a cached integer takes two bytes, its sign included.
[[nodiscard]] inline bool fits_two_bytes(const AttentionShape& shape) {
  return shape.key_bits <= 15 && shape.value_bits <= 15;
}

/// Makes of a cached key what it is at another place of the text.
/// @param token  index before those in front of it went
/// @param key    one head's, [head_dim], f32, changed in place
using KeyTurn = std::function<void(std::int64_t token, float* key)>;

/// The first key that the query at this position sees.
[[nodiscard]] inline std::int64_t first_key(const AttentionShape& shape, std::int64_t position) {
  return shape.window > 0 && position >= shape.window ? position + 1 - shape.window : 0;
}

/// @throws stac::UsageError  a query population that is not one group of head_dim channels, or of another code than
///                           the first; weights with a profile, full scales or a rest; a code out of range; bytes of
///                           more than 15 bits
void require_valid(const AttentionShape& shape);

struct AttentionCounts {
  SiteCounts scores;  ///< query spikes gate rows of K
  SiteCounts mix;     ///< softmax spikes gate rows of V
};

/// Keys and values of one layer of one sequence, and the spike-driven products with them.
class AttentionMemory {
 public:
  virtual ~AttentionMemory() = default;

  /// @param keys, values  [rows, kv_heads * head_dim], f32, rotated already where positions are rotary
  virtual void append(const float* keys, const float* values, std::int64_t rows) = 0;

  /// Causal attention of the last `rows` appended tokens, each over its window.
  /// @param queries  [rows, heads * head_dim], f32
  /// @param mixed    [rows, heads * head_dim], f32, written
  virtual AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const = 0;

  /// Forgets the tokens first .. first + count - 1; those behind them move up.
  /// @param turn  applied to every key behind them, which is rounded to its grid again; empty: keys stay as they are
  virtual void drop(std::int64_t first, std::int64_t count, const KeyTurn& turn) = 0;

  /// Bytes that keys and values take once `rows` further tokens are appended, with the room that is reserved for more.
  /// Room grows in blocks and by at least half, so that appending costs amortised O(1) a token.
  [[nodiscard]] virtual std::uint64_t bytes_after(std::int64_t rows) const = 0;

  [[nodiscard]] virtual std::int64_t length() const = 0;
  virtual void reset() = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const = 0;
  [[nodiscard]] virtual std::unique_ptr<AttentionMemory> memory(const AttentionShape& shape) const = 0;
};

enum class EngineKind { fused, temporal };

[[nodiscard]] std::unique_ptr<Engine> make_engine(EngineKind kind);

}  // namespace stac::snn
