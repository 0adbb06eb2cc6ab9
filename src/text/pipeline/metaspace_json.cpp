#include "text/pipeline/metaspace_json.hpp"

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/pipeline/component_json.hpp"

namespace stac::text {
namespace {

using Prepend = MetaspaceOptions::Prepend;

Prepend parse_scheme(const std::string& name, const std::string& where) {
  if (name == "always") return Prepend::always;
  if (name == "first") return Prepend::first;
  if (name == "never") return Prepend::never;
  throw Error(where + ": the prepend_scheme '" + name + "' is not known");
}

}  // namespace

MetaspaceOptions parse_metaspace(const nlohmann::json& component, const std::string& where) {
  MetaspaceOptions options;
  options.mark = character_field(component, "replacement", where);
  options.split = optional_bool(component, "split", where).value_or(true);
  const auto scheme = optional_string(component, "prepend_scheme", where);
  const bool prefix = optional_bool(component, "add_prefix_space", where).value_or(true);
  if (!scheme) {
    options.prepend = prefix ? Prepend::always : Prepend::never;
    return options;
  }
  options.prepend = parse_scheme(*scheme, where);
  if (!prefix && options.prepend != Prepend::never) {
    throw Error(where + ": add_prefix_space is false but prepend_scheme is '" + *scheme + "'");
  }
  return options;
}

}  // namespace stac::text
