#include "text/pipeline/decoder_json.hpp"

#include <utility>

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"
#include "text/pipeline/component_json.hpp"
#include "text/pipeline/decoding_stages.hpp"
#include "text/pipeline/metaspace_json.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;

template <typename Stage, typename... Options>
Decoder::Stage stage_of(Options... options) {
  return [options...] { return std::make_unique<Stage>(options...); };
}

std::size_t count_field(const Json& component, const char* key) {
  const Json& count = field(component, key);
  if (!count.is_number_unsigned() || count.get<std::uint64_t>() > 1'000'000) {
    throw Error(std::string("decoder Strip: '") + key + "' must be a whole number but is " + json_type(count));
  }
  return count.get<std::size_t>();
}

class DecoderParser {
 public:
  void parse(const Json& component) {
    const std::string type = component_type(component, "decoder");
    if (type == "Sequence") {
      for (const Json& part : list_field(component, "decoders", "decoder Sequence")) parse(part);
    } else if (one_text_) {
      parse_for_text(component, type);
    } else {
      parse_for_pieces(component, type);
    }
  }

  Decoder take() { return std::move(decoder_); }

 private:
  void parse_for_pieces(const Json& component, const std::string& type) {
    if (type == "ByteLevel") {
      one_text_ = true;
      return decoder_.add(stage_of<ByteLevelDecoding>());
    }
    if (type == "Fuse") {
      one_text_ = true;
      return;
    }
    if (type == "Metaspace") {
      const MetaspaceOptions options = parse_metaspace(component, "decoder Metaspace");
      return decoder_.add(
          stage_of<MetaspaceDecoding>(options.mark, options.prepend != MetaspaceOptions::Prepend::never));
    }
    if (type == "Replace") {
      const std::shared_ptr<const Pattern> pattern = pattern_field(component, "decoder Replace");
      return decoder_.add(stage_of<ReplaceDecoding>(pattern, string_field(component, "content", "decoder Replace")));
    }
    if (type == "ByteFallback") return decoder_.add(stage_of<ByteFallbackDecoding>());
    if (type == "Strip") return decoder_.add(stage_of<StripDecoding>(parse_amounts(component)));
    refuse_component("decoder", type);
  }

  /// After Fuse or ByteLevel there are no pieces left but one text, of which a stream knows only the beginning.
  void parse_for_text(const Json& component, const std::string& type) {
    if (type == "Fuse") return;
    if (type != "Strip") refuse_component("decoder Sequence, after Fuse or ByteLevel:", type);
    decoder_.add(stage_of<StripTextDecoding>(parse_amounts(component)));
  }

  static StripAmounts parse_amounts(const Json& component) {
    return {character_field(component, "content", "decoder Strip"), count_field(component, "start"),
            count_field(component, "stop")};
  }

  Decoder decoder_;
  bool one_text_ = false;
};

}  // namespace

Decoder parse_decoder(const Json& component) {
  if (component.is_null()) {
    Decoder decoder;
    decoder.add(stage_of<SpacedDecoding>());
    return decoder;
  }
  DecoderParser parser;
  parser.parse(component);
  return parser.take();
}

}  // namespace stac::text
