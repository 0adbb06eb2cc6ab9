#include "stac/snn/site_observer.hpp"

#include <utility>

namespace stac::snn {

namespace {

class ObservedProjection : public SpikingProjection {
 public:
  ObservedProjection(std::unique_ptr<SpikingProjection> inner, SiteId site, std::int64_t inputs, SiteObserver& observer)
      : inner_(std::move(inner)), site_(site), inputs_(inputs), observer_(&observer) {}

  SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    observer_->see(site_, membranes, rows, inputs_);
    return inner_->run(membranes, rows, currents);
  }

 private:
  std::unique_ptr<SpikingProjection> inner_;
  SiteId site_;
  std::int64_t inputs_;
  SiteObserver* observer_;
};

class ObservedMemory : public AttentionMemory {
 public:
  ObservedMemory(std::unique_ptr<AttentionMemory> inner, const AttentionShape& shape, SiteObserver& observer)
      : inner_(std::move(inner)),
        site_{shape.layer, Site::scores},
        width_(shape.heads * shape.head_dim),
        observer_(&observer) {}

  void append(const float* keys, const float* values, std::int64_t rows) override {
    inner_->append(keys, values, rows);
  }
  AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const override {
    observer_->see(site_, queries, rows, width_);
    return inner_->attend(queries, rows, mixed);
  }
  void drop(std::int64_t first, std::int64_t count, const KeyTurn& turn) override { inner_->drop(first, count, turn); }
  [[nodiscard]] std::uint64_t bytes_after(std::int64_t rows) const override { return inner_->bytes_after(rows); }
  [[nodiscard]] std::int64_t length() const override { return inner_->length(); }
  void reset() override { inner_->reset(); }

 private:
  std::unique_ptr<AttentionMemory> inner_;
  SiteId site_;
  std::int64_t width_;
  SiteObserver* observer_;
};

class ObservedEngine : public Engine {
 public:
  ObservedEngine(std::unique_ptr<Engine> inner, SiteObserver& observer)
      : inner_(std::move(inner)), observer_(&observer) {}

  [[nodiscard]] std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const override {
    const SiteId site = layer.site;
    const std::int64_t inputs = layer.weight.columns;
    return std::make_unique<ObservedProjection>(inner_->projection(std::move(layer)), site, inputs, *observer_);
  }
  [[nodiscard]] std::unique_ptr<AttentionMemory> memory(const AttentionShape& shape) const override {
    return std::make_unique<ObservedMemory>(inner_->memory(shape), shape, *observer_);
  }

 private:
  std::unique_ptr<Engine> inner_;
  SiteObserver* observer_;
};

}  // namespace

std::unique_ptr<Engine> observed(std::unique_ptr<Engine> engine, SiteObserver& observer) {
  return std::make_unique<ObservedEngine>(std::move(engine), observer);
}

}  // namespace stac::snn
