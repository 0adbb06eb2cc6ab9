// Adding up what a contender's parts cost.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "stac/energy/contender.hpp"
#include "stac/energy/operation_counts.hpp"

namespace stac::energy {

class Bill {
 public:
  explicit Bill(const EnergyModel& model) : model_(model) {}

  void add(Part part, const std::string& operation, std::uint64_t count);
  void add(Part part, const OperationCounts& counts);
  /// @param resident  bytes of all that lies where these are read and written, which decides the memory
  void move(Part part, std::uint64_t bytes, std::uint64_t resident);

  [[nodiscard]] Contender contender(const std::string& name) const;

 private:
  struct Entry {
    std::uint64_t count = 0;
    double picojoules_each = 0.0;
  };

  const EnergyModel& model_;
  std::map<std::pair<Part, std::string>, Entry> entries_;
};

}  // namespace stac::energy
