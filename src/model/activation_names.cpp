#include "model/activation_names.hpp"

#include <array>
#include <utility>

#include "stac/error.hpp"

namespace stac::model {
namespace {

constexpr std::array<std::pair<const char*, Activation>, 7> kActivations{{
    {"gelu", Activation::gelu_erf},
    {"gelu_new", Activation::gelu_tanh},
    {"gelu_pytorch_tanh", Activation::gelu_tanh},
    {"gelu_fast", Activation::gelu_fast},
    {"relu", Activation::relu},
    {"silu", Activation::silu},
    {"swish", Activation::silu},
}};

}  // namespace

Activation parse_activation(const std::string& field, const std::string& name) {
  std::string known;
  for (const auto& [spelling, activation] : kActivations) {
    if (name == spelling) return activation;
    known += known.empty() ? spelling : std::string(", ") + spelling;
  }
  throw Error("config.json: '" + field + "' is '" + name.substr(0, 60) + "', which is unknown", "known: " + known);
}

}  // namespace stac::model
