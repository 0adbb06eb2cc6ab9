#include "visible_keys.hpp"

namespace stac::eval {

std::int64_t first_read(const model::TransformerConfig& config, std::int64_t first, std::int64_t end) {
  return config.rotary && model::changes_angles(*config.rotary, end) ? 0 : first;
}

std::uint64_t keys_visible(const model::TransformerConfig& config, std::int64_t layer, std::int64_t position) {
  const std::int64_t window = config.window(layer);
  std::uint64_t keys = 0;
  for (std::int64_t key = 0; key <= position; ++key) keys += window == 0 || position - key < window;
  return keys;
}

std::uint64_t keys_visible(const model::TransformerConfig& config, std::int64_t layer, std::int64_t first,
                           std::int64_t end) {
  std::uint64_t keys = 0;
  for (std::int64_t position = first; position < end; ++position) keys += keys_visible(config, layer, position);
  return keys;
}

}  // namespace stac::eval
