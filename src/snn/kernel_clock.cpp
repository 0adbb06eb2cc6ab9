#include "stac/snn/kernel_clock.hpp"

#include <utility>

#include "snn/fused_engine.hpp"
#include "snn/fused_projection.hpp"

namespace stac::snn {

namespace {

/// What a block does between the last product and that of this site.
Kernel kernel_before(Site site) {
  switch (site) {
    case Site::query_key_value:
    case Site::up:
    case Site::head:
      return Kernel::norm;
    case Site::down:
      return Kernel::activation;
    case Site::scores:
    case Site::mix:
    case Site::attention_output:
      return Kernel::other;
  }
  return Kernel::other;
}

class ClockedMemory : public AttentionMemory {
 public:
  ClockedMemory(std::unique_ptr<AttentionMemory> inner, KernelClock& clock)
      : inner_(std::move(inner)), clock_(&clock) {}

  void append(const float* keys, const float* values, std::int64_t rows) override {
    clock_->lap(Kernel::other);
    inner_->append(keys, values, rows);
    clock_->lap(Kernel::attention);
  }
  AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const override {
    clock_->lap(Kernel::other);
    const AttentionCounts counts = inner_->attend(queries, rows, mixed);
    clock_->lap(Kernel::attention);
    return counts;
  }
  void drop(std::int64_t first, std::int64_t count, const KeyTurn& turn) override { inner_->drop(first, count, turn); }
  [[nodiscard]] std::uint64_t bytes_after(std::int64_t rows) const override { return inner_->bytes_after(rows); }
  [[nodiscard]] std::int64_t length() const override { return inner_->length(); }
  void reset() override { inner_->reset(); }

 private:
  std::unique_ptr<AttentionMemory> inner_;
  KernelClock* clock_;
};

class ClockedEngine : public FusedEngine {
 public:
  explicit ClockedEngine(KernelClock& clock) : clock_(&clock) {}

  [[nodiscard]] std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const override {
    const Site site = layer.site.site;
    std::unique_ptr<FusedProjection> made = fused_projection(layer);
    made->time_with(*clock_, kernel_before(site));
    return made;
  }
  [[nodiscard]] std::unique_ptr<AttentionMemory> memory(const AttentionShape& shape) const override {
    return std::make_unique<ClockedMemory>(FusedEngine::memory(shape), *clock_);
  }

 private:
  KernelClock* clock_;
};

}  // namespace

std::string_view kernel_name(Kernel kernel) {
  constexpr std::array<std::string_view, kKernels.size()> kNames{"product",    "encode", "attention",
                                                                 "activation", "norm",   "other"};
  return kNames[static_cast<std::size_t>(kernel)];
}

void KernelClock::lap(Kernel kernel) {
  if (std::this_thread::get_id() != thread_) return;
  const Clock::time_point now = Clock::now();
  seconds_[static_cast<std::size_t>(kernel)] += std::chrono::duration<double>(now - std::exchange(last_, now)).count();
}

std::unique_ptr<Engine> make_fused_engine(KernelClock& clock) { return std::make_unique<ClockedEngine>(clock); }

}  // namespace stac::snn
