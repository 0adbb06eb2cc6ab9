#include "stac/snn/site_observer.hpp"

#include <numeric>
#include <utility>
#include <vector>

#include "snn/membrane_functions.hpp"

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
      : inner_(std::move(inner)), shape_(shape), observer_(&observer) {}

  void append(const float* keys, const float* values, std::int64_t rows) override {
    inner_->append(keys, values, rows);
    if (observer_->wants_softmax()) keys_.insert(keys_.end(), keys, keys + rows * key_width());
  }
  AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const override {
    const std::int64_t width = shape_.heads * shape_.head_dim;
    observer_->see({shape_.layer, Site::scores}, queries, rows, width);
    for (std::int64_t r = 0; observer_->wants_softmax() && r < rows; ++r) {
      for (std::int64_t head = 0; head < shape_.heads; ++head) {
        show_softmax(queries + r * width + head * shape_.head_dim, head, length() - rows + r);
      }
    }
    return inner_->attend(queries, rows, mixed);
  }
  void drop(std::int64_t first, std::int64_t count, const KeyTurn& turn) override {
    inner_->drop(first, count, turn);
    if (keys_.empty()) return;
    for (std::int64_t token = first + count; turn && token * key_width() < static_cast<std::int64_t>(keys_.size());
         ++token) {
      for (std::int64_t head = 0; head < shape_.kv_heads; ++head) turn(token, key(token, head));
    }
    keys_.erase(keys_.begin() + first * key_width(), keys_.begin() + (first + count) * key_width());
  }
  [[nodiscard]] std::uint64_t bytes_after(std::int64_t rows) const override { return inner_->bytes_after(rows); }
  [[nodiscard]] std::int64_t length() const override { return inner_->length(); }
  void reset() override {
    inner_->reset();
    keys_.clear();
  }

 private:
  [[nodiscard]] std::int64_t key_width() const { return shape_.kv_heads * shape_.head_dim; }
  [[nodiscard]] float* key(std::int64_t token, std::int64_t kv_head) {
    return keys_.data() + token * key_width() + kv_head * shape_.head_dim;
  }

  void show_softmax(const float* query, std::int64_t head, std::int64_t position) const {
    const std::int64_t kv_head = head / (shape_.heads / shape_.kv_heads);
    const std::int64_t first = first_key(shape_, position);
    std::vector<float> weights;
    for (std::int64_t token = first; token <= position; ++token) {
      const float* const cached = keys_.data() + token * key_width() + kv_head * shape_.head_dim;
      const float product = std::inner_product(query, query + shape_.head_dim, cached, 0.0F);
      weights.push_back(product * static_cast<float>(shape_.scale));
    }
    exponentials(weights.data(), static_cast<std::int64_t>(weights.size()));
    observer_->see({shape_.layer, Site::mix}, weights.data(), 1, static_cast<std::int64_t>(weights.size()));
  }

  std::unique_ptr<AttentionMemory> inner_;
  AttentionShape shape_;
  SiteObserver* observer_;
  std::vector<float> keys_;  // [length, kv_heads * head_dim], where the observer wants the softmax
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
