#include "stac/convert/conversion_quality.hpp"

namespace stac::convert {

std::string_view condition_name(Condition condition) {
  switch (condition) {
    case Condition::alive:
      return "alive";
    case Condition::damaged:
      return "damaged";
    case Condition::dead:
      return "dead";
  }
  return "";
}

}  // namespace stac::convert
