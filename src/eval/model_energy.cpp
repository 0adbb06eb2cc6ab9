#include "stac/eval/model_energy.hpp"

#include "window_reading.hpp"

namespace stac::eval {

energy::TextsRead texts_read(const TokenWindows& text) {
  energy::TextsRead read;
  for (const auto& ids : texts_to_read(text)) read.lengths.push_back(static_cast<std::int64_t>(ids.size()));
  return read;
}

}  // namespace stac::eval
