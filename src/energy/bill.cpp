#include "energy/bill.hpp"

namespace stac::energy {

void Bill::add(Part part, const std::string& operation, std::uint64_t count) {
  if (count == 0) return;
  Entry& entry = entries_[{part, operation}];
  entry.count += count;
  entry.picojoules_each = model_.picojoules(operation);
}

void Bill::add(Part part, const OperationCounts& counts) {
  for (const auto& [operation, count] : counts) add(part, operation, count);
}

void Bill::move(Part part, std::uint64_t bytes, std::uint64_t resident) {
  if (bytes == 0) return;
  const MemoryLevel& level = model_.memory_for(resident);
  Entry& entry = entries_[{part, level.name}];
  entry.count += bytes;
  entry.picojoules_each = level.picojoules_per_byte;
}

Contender Bill::contender(const std::string& name) const {
  Contender contender{name, {}};
  for (const auto& [key, entry] : entries_) {
    const auto& [part, what] = key;
    contender.lines.push_back({part, what, entry.count, static_cast<double>(entry.count) * entry.picojoules_each});
  }
  return contender;
}

}  // namespace stac::energy
