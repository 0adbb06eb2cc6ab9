#include "text/pipeline/normalizer_json.hpp"

#include "text/json_fields.hpp"
#include "text/pipeline/component_json.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;

std::unique_ptr<const Normalizer> parse_sequence(const Json& component) {
  std::vector<std::unique_ptr<const Normalizer>> steps;
  for (const Json& step : list_field(component, "normalizers", "normalizer Sequence")) {
    steps.push_back(parse_normalizer(step));
  }
  return std::make_unique<NormalizerSequence>(std::move(steps));
}

std::unique_ptr<const Normalizer> parse_strip(const Json& component) {
  return std::make_unique<StripNormalizer>(optional_bool(component, "strip_left", "normalizer Strip").value_or(true),
                                           optional_bool(component, "strip_right", "normalizer Strip").value_or(true));
}

}  // namespace

std::unique_ptr<const Normalizer> parse_normalizer(const Json& component) {
  if (component.is_null()) return nullptr;
  const std::string type = component_type(component, "normalizer");
  if (type == "NFC") return std::make_unique<UnicodeNormalizer>(UnicodeForm::nfc);
  if (type == "NFD") return std::make_unique<UnicodeNormalizer>(UnicodeForm::nfd);
  if (type == "NFKC") return std::make_unique<UnicodeNormalizer>(UnicodeForm::nfkc);
  if (type == "NFKD") return std::make_unique<UnicodeNormalizer>(UnicodeForm::nfkd);
  if (type == "Lowercase") return std::make_unique<LowercaseNormalizer>();
  if (type == "Prepend") {
    return std::make_unique<PrependNormalizer>(string_field(component, "prepend", "normalizer Prepend"));
  }
  if (type == "Replace") {
    return std::make_unique<ReplaceNormalizer>(pattern_field(component, "normalizer Replace"),
                                               string_field(component, "content", "normalizer Replace"));
  }
  if (type == "Strip") return parse_strip(component);
  if (type == "Sequence") return parse_sequence(component);
  refuse_component("normalizer", type);
}

}  // namespace stac::text
