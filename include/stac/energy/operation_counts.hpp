// How often each operation of an energy model is done.
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace stac::energy {

/// By the operation's name in an EnergyModel.
using OperationCounts = std::map<std::string, std::uint64_t>;

inline OperationCounts& operator+=(OperationCounts& sum, const OperationCounts& more) {
  for (const auto& [operation, count] : more) sum[operation] += count;
  return sum;
}

}  // namespace stac::energy
