#include "stac/text/tokenizer.hpp"

namespace stac::text {

std::string Tokenizer::decode(std::span<const std::int64_t> ids, Specials specials) const {
  const std::unique_ptr<StreamDecoder> decoder = stream(specials);
  std::string text;
  for (const std::int64_t id : ids) text += decoder->push(id);
  return text += decoder->finish();
}

}  // namespace stac::text
