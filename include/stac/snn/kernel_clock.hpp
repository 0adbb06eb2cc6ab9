// Where the time of a forward goes, kernel by kernel.
#pragma once
#include <array>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>

#include "stac/snn/engine.hpp"

namespace stac::snn {

enum class Kernel {
  product,     ///< codes with weights, sums read out
  encode,      ///< membranes to codes, spikes counted
  attention,   ///< keys and values stored, scores, softmax, mix
  activation,  ///< of the MLP, and its gate
  norm,        ///< norms and residual sums
  other        ///< embeddings, rotary positions, copies, waiting for other threads
};
inline constexpr std::array kKernels{Kernel::product,    Kernel::encode, Kernel::attention,
                                     Kernel::activation, Kernel::norm,   Kernel::other};

[[nodiscard]] std::string_view kernel_name(Kernel kernel);

using KernelSeconds = std::array<double, kKernels.size()>;  ///< in the order of kKernels

/// Laps of the thread that made it, which has to call the forwards: so what it counts adds up to their time. Other
/// threads of a forward do the same kernels beside it, and are not counted.
class KernelClock {
 public:
  /// What follows is counted.
  void start() { last_ = Clock::now(); }
  /// The time since the last lap was this kernel's.
  void lap(Kernel kernel);
  [[nodiscard]] const KernelSeconds& seconds() const { return seconds_; }

 private:
  using Clock = std::chrono::steady_clock;
  std::thread::id thread_ = std::this_thread::get_id();
  Clock::time_point last_ = Clock::now();
  KernelSeconds seconds_{};
};

/// An engine that computes what EngineKind::fused does, as fast but for reading the clock.
/// @param clock  not owned; must outlive what the engine makes
[[nodiscard]] std::unique_ptr<Engine> make_fused_engine(KernelClock& clock);

}  // namespace stac::snn
