// How evaluations tell a caller how far they are.
#pragma once
#include <cstdint>
#include <functional>

namespace stac::eval {

/// Called after every unit of work; may throw to stop it. May be empty.
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

inline void tell(const Progress& progress, std::int64_t done, std::int64_t total) {
  if (progress) progress(done, total);
}

}  // namespace stac::eval
