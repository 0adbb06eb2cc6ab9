#include "snn/head_cache.hpp"

#include <utility>

#include "snn/cache_growth.hpp"
#include "snn/cached_bytes.hpp"

namespace stac::snn {

namespace {

/// Growing panels of 16 tokens' keys, one after the other, and of 16 channels' values, each in rows of its own.
template <typename Element>
class Panels {
 public:
  /// @param pair  elements that two inputs take
  Panels(std::int64_t head_dim, std::int64_t pair)
      : pair_(pair), key_panel_((head_dim + 1) / 2 * pair), values_((head_dim + kPanelOutputs - 1) / kPanelOutputs) {}

  void grow(std::int64_t capacity) {
    grow_exactly(keys_, key_elements(capacity));
    for (auto& panel : values_) grow_exactly(panel, value_elements(capacity));
  }

  [[nodiscard]] const Element* keys(std::int64_t token) const {
    return keys_.data() + token / kPanelOutputs * key_panel_;
  }
  [[nodiscard]] const Element* values(std::int64_t channel, std::int64_t first = 0) const {
    return values_[channel / kPanelOutputs].data() + first / 2 * pair_;
  }
  [[nodiscard]] Element* keys(std::int64_t token) { return const_cast<Element*>(std::as_const(*this).keys(token)); }
  [[nodiscard]] Element* values(std::int64_t channel) {
    return const_cast<Element*>(std::as_const(*this).values(channel));
  }

  [[nodiscard]] std::uint64_t bytes(std::int64_t capacity) const {
    const std::int64_t elements =
        key_elements(capacity) + static_cast<std::int64_t>(values_.size()) * value_elements(capacity);
    return static_cast<std::uint64_t>(elements) * sizeof(Element);
  }

 private:
  static_assert(kCacheBlock % kPanelOutputs == 0, "a block of tokens is whole panels");
  [[nodiscard]] std::int64_t key_elements(std::int64_t capacity) const { return capacity / kPanelOutputs * key_panel_; }
  [[nodiscard]] std::int64_t value_elements(std::int64_t capacity) const { return capacity / 2 * pair_; }

  std::int64_t pair_;
  std::int64_t key_panel_;  // elements
  std::vector<Element> keys_;
  std::vector<std::vector<Element>> values_;  // [head_dim / 16]
};

class WholeCache : public HeadCache {
 public:
  WholeCache(std::int64_t head_dim, Slices slices)
      : head_dim_(head_dim), slices_(slices), panels_(head_dim, pair_elements(slices)) {}

  void grow(std::int64_t capacity) override { panels_.grow(capacity); }

  void store_key(std::int64_t token, const std::int32_t* mantissas) override {
    std::int16_t* const panel = panels_.keys(token);
    for (std::int64_t d = 0; d < head_dim_; ++d) store_mantissa(panel, slices_, token % kPanelOutputs, d, mantissas[d]);
  }

  void store_value(std::int64_t token, const std::int32_t* mantissas) override {
    for (std::int64_t d = 0; d < head_dim_; ++d) {
      store_mantissa(panels_.values(d), slices_, d % kPanelOutputs, token, mantissas[d]);
    }
  }

  void load_key(std::int64_t token, std::int32_t* mantissas) const override {
    for (std::int64_t d = 0; d < head_dim_; ++d) {
      mantissas[d] = load_mantissa(panels_.keys(token), slices_, token % kPanelOutputs, d);
    }
  }

  void move_key(std::int64_t from, std::int64_t to) override {
    for (std::int64_t d = 0; d < head_dim_; ++d) {
      const std::int32_t mantissa = load_mantissa(panels_.keys(from), slices_, from % kPanelOutputs, d);
      store_mantissa(panels_.keys(to), slices_, to % kPanelOutputs, d, mantissa);
    }
  }

  void move_value(std::int64_t from, std::int64_t to) override {
    for (std::int64_t d = 0; d < head_dim_; ++d) {
      std::int16_t* const panel = panels_.values(d);
      store_mantissa(panel, slices_, d % kPanelOutputs, to, load_mantissa(panel, slices_, d % kPanelOutputs, from));
    }
  }

  [[nodiscard]] const std::int16_t* key_panel(std::int64_t token, PanelRoom& /*room*/) const override {
    return panels_.keys(token);
  }

  [[nodiscard]] const std::int16_t* value_panel(std::int64_t channel, std::int64_t first, std::int64_t /*tokens*/,
                                                PanelRoom& /*room*/) const override {
    return panels_.values(channel, first);
  }

  [[nodiscard]] std::uint64_t bytes(std::int64_t capacity) const override { return panels_.bytes(capacity); }

 private:
  std::int64_t head_dim_;
  Slices slices_;
  Panels<std::int16_t> panels_;
};

class ByteCache : public HeadCache {
 public:
  explicit ByteCache(std::int64_t head_dim)
      : head_dim_(head_dim), panels_(head_dim, kSliceElements), rounded_(head_dim) {}

  void grow(std::int64_t capacity) override {
    panels_.grow(capacity);
    grow_exactly(key_steps_, capacity);
    grow_exactly(value_steps_, capacity);
  }

  void store_key(std::int64_t token, const std::int32_t* mantissas) override {
    const int step = key_step(mantissas, head_dim_);
    key_steps_[token] = static_cast<std::int16_t>(step);
    to_bytes(mantissas, head_dim_, step, rounded_.data());
    std::int8_t* const panel = panels_.keys(token);
    for (std::int64_t d = 0; d < head_dim_; ++d) panel[place(token, d)] = rounded_[d];
  }

  void store_value(std::int64_t token, const std::int32_t* mantissas) override {
    const int step = value_step(mantissas, head_dim_);
    value_steps_[token] = static_cast<std::int16_t>(step);
    to_bytes(mantissas, head_dim_, step, rounded_.data());
    for (std::int64_t d = 0; d < head_dim_; ++d) panels_.values(d)[place(d, token)] = rounded_[d];
  }

  void load_key(std::int64_t token, std::int32_t* mantissas) const override {
    for (std::int64_t d = 0; d < head_dim_; ++d)
      mantissas[d] = panels_.keys(token)[place(token, d)] * key_steps_[token];
  }

  void move_key(std::int64_t from, std::int64_t to) override {
    for (std::int64_t d = 0; d < head_dim_; ++d) panels_.keys(to)[place(to, d)] = panels_.keys(from)[place(from, d)];
    key_steps_[to] = key_steps_[from];
  }

  void move_value(std::int64_t from, std::int64_t to) override {
    for (std::int64_t d = 0; d < head_dim_; ++d) {
      std::int8_t* const panel = panels_.values(d);
      panel[place(d, to)] = panel[place(d, from)];
    }
    value_steps_[to] = value_steps_[from];
  }

  [[nodiscard]] const std::int16_t* key_panel(std::int64_t token, PanelRoom& room) const override {
    const std::int64_t pairs = (head_dim_ + 1) / 2;
    room.resize(pairs * kSliceElements);
    widen_by_outputs(panels_.keys(token), pairs, key_steps_.data() + token, room.data());
    return room.data();
  }

  [[nodiscard]] const std::int16_t* value_panel(std::int64_t channel, std::int64_t first, std::int64_t tokens,
                                                PanelRoom& room) const override {
    const std::int64_t pairs = (tokens + 1) / 2;
    room.resize(pairs * kSliceElements);
    widen_by_inputs(panels_.values(channel, first), pairs, value_steps_.data() + first, room.data());
    return room.data();
  }

  [[nodiscard]] std::uint64_t bytes(std::int64_t capacity) const override {
    return panels_.bytes(capacity) + 2 * static_cast<std::uint64_t>(capacity) * sizeof(std::int16_t);
  }

 private:
  [[nodiscard]] static std::int64_t place(std::int64_t output, std::int64_t input) {
    return panel_offset(Slices::one, output % kPanelOutputs, input);
  }

  std::int64_t head_dim_;
  Panels<std::int8_t> panels_;
  std::vector<std::int8_t> rounded_;     // [head_dim], of the token that is being stored
  std::vector<std::int16_t> key_steps_;  // [capacity]
  std::vector<std::int16_t> value_steps_;
};

}  // namespace

std::unique_ptr<HeadCache> new_head_cache(const AttentionShape& shape) {
  if (shape.in_bytes) return std::make_unique<ByteCache>(shape.head_dim);
  return std::make_unique<WholeCache>(shape.head_dim, panel_slices(shape));
}

Slices panel_slices(const AttentionShape& shape) { return fits_two_bytes(shape) ? Slices::one : Slices::two; }

}  // namespace stac::snn
