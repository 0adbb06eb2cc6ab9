// Broken parts, each with one fault, for the checks to notice.
#pragma once
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stac/error.hpp"
#include "stac/eval/check_parts.hpp"

namespace stac::testing {

/// Does what the memory within does; a fault overrides what it breaks.
class WrappedMemory : public snn::AttentionMemory {
 public:
  WrappedMemory(std::unique_ptr<snn::AttentionMemory> inner, const snn::AttentionShape& shape)
      : inner_(std::move(inner)), width_(shape.heads * shape.head_dim) {}

  void append(const float* keys, const float* values, std::int64_t rows) override {
    inner_->append(keys, values, rows);
  }
  snn::AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const override {
    return inner_->attend(queries, rows, mixed);
  }
  void drop(std::int64_t first, std::int64_t count, const snn::KeyTurn& turn) override {
    inner_->drop(first, count, turn);
  }
  [[nodiscard]] std::uint64_t bytes_after(std::int64_t rows) const override { return inner_->bytes_after(rows); }
  [[nodiscard]] std::int64_t length() const override { return inner_->length(); }
  void reset() override { inner_->reset(); }

 protected:
  std::unique_ptr<snn::AttentionMemory> inner_;
  std::int64_t width_;  ///< of a query row
};

using ChangeShape = std::function<void(snn::AttentionShape&)>;
using WrapMemory = std::function<std::unique_ptr<snn::AttentionMemory>(std::unique_ptr<snn::AttentionMemory>,
                                                                       const snn::AttentionShape&)>;
using WrapProjection = std::function<std::unique_ptr<snn::SpikingProjection>(std::unique_ptr<snn::SpikingProjection>,
                                                                             snn::SiteId, std::int64_t inputs)>;

/// STAC's engine with a fault in what it makes.
class FaultyEngine : public snn::Engine {
 public:
  explicit FaultyEngine(snn::EngineKind kind) : sound_(snn::make_engine(kind)) {}

  ChangeShape change_shape;
  WrapMemory wrap_memory;
  WrapProjection wrap_projection;

  [[nodiscard]] std::unique_ptr<snn::SpikingProjection> projection(snn::SpikingLinear layer) const override {
    const snn::SiteId site = layer.site;
    const std::int64_t inputs = layer.weight.columns;
    auto made = sound_->projection(std::move(layer));
    return wrap_projection ? wrap_projection(std::move(made), site, inputs) : std::move(made);
  }
  [[nodiscard]] std::unique_ptr<snn::AttentionMemory> memory(const snn::AttentionShape& shape) const override {
    snn::AttentionShape changed = shape;
    if (change_shape) change_shape(changed);
    auto made = sound_->memory(changed);
    return wrap_memory ? wrap_memory(std::move(made), shape) : std::move(made);
  }

 private:
  std::unique_ptr<snn::Engine> sound_;
};

/// Every engine with this fault.
inline eval::CheckParts with_engine(const std::function<void(FaultyEngine&, snn::EngineKind)>& break_it) {
  eval::CheckParts parts;
  parts.engine = [break_it](snn::EngineKind kind) {
    auto engine = std::make_unique<FaultyEngine>(kind);
    break_it(*engine, kind);
    return engine;
  };
  return parts;
}

template <typename Memory>
eval::CheckParts with_memory() {
  return with_engine([](FaultyEngine& engine, snn::EngineKind) {
    engine.wrap_memory = [](auto inner, const auto& shape) {
      return std::make_unique<Memory>(std::move(inner), shape);
    };
  });
}

/// Rotary positions count from 0 in every forward.
class PositionOffsetDropped final : public WrappedMemory {
 public:
  using WrappedMemory::WrappedMemory;
  [[nodiscard]] std::int64_t length() const override { return 0; }
};

/// Every query but a block's last sees the key behind its own.
class MaskOneTooFar final : public WrappedMemory {
 public:
  using WrappedMemory::WrappedMemory;
  snn::AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const override {
    const snn::AttentionCounts counts = inner_->attend(queries, rows, mixed);
    if (rows < 2) return counts;
    std::vector<float> later(queries, queries + width_);
    later.insert(later.end(), queries, queries + (rows - 1) * width_);
    std::vector<float> seen(later.size());
    static_cast<void>(inner_->attend(later.data(), rows, seen.data()));
    std::copy(seen.begin() + width_, seen.end(), mixed);
    return counts;
  }
};

/// What was read before a reset is still attended to.
class ResetForgotten final : public WrappedMemory {
 public:
  using WrappedMemory::WrappedMemory;
  [[nodiscard]] std::int64_t length() const override { return inner_->length() - hidden_; }
  void reset() override { hidden_ = inner_->length(); }

 private:
  std::int64_t hidden_ = 0;
};

/// What is cut off is still attended to.
class DropForgotten final : public WrappedMemory {
 public:
  using WrappedMemory::WrappedMemory;
  void drop(std::int64_t, std::int64_t count, const snn::KeyTurn&) override { hidden_ += count; }
  [[nodiscard]] std::int64_t length() const override { return inner_->length() - hidden_; }
  void reset() override {
    inner_->reset();
    hidden_ = 0;
  }

 private:
  std::int64_t hidden_ = 0;
};

class WrappedProjection : public snn::SpikingProjection {
 public:
  WrappedProjection(std::unique_ptr<snn::SpikingProjection> inner, std::int64_t inputs)
      : inner_(std::move(inner)), inputs_(inputs) {}
  snn::SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    return inner_->run(membranes, rows, currents);
  }

 protected:
  std::unique_ptr<snn::SpikingProjection> inner_;
  std::int64_t inputs_;
};

template <typename Projection>
eval::CheckParts with_projection(snn::Site where) {
  return with_engine([where](FaultyEngine& engine, snn::EngineKind) {
    engine.wrap_projection = [where](auto inner, snn::SiteId site, std::int64_t inputs) {
      if (site.site != where) return inner;
      return std::unique_ptr<snn::SpikingProjection>(std::make_unique<Projection>(std::move(inner), inputs));
    };
  });
}

/// A tenth of a window's charge is still there in the next one.
class ChargeLeftBehind final : public WrappedProjection {
 public:
  using WrappedProjection::WrappedProjection;
  snn::SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    std::vector<float> charged(membranes, membranes + rows * inputs_);
    left_.resize(inputs_);
    for (std::int64_t j = 0; j < inputs_; ++j) charged[j] += 0.1F * left_[j];
    left_.assign(membranes + (rows - 1) * inputs_, membranes + rows * inputs_);
    return inner_->run(charged.data(), rows, currents);
  }

 private:
  mutable std::vector<float> left_;
};

/// Its neurons never fire.
class Silenced final : public WrappedProjection {
 public:
  using WrappedProjection::WrappedProjection;
  snn::SiteCounts run(const float*, std::int64_t rows, float* currents) const override {
    const std::vector<float> nothing(rows * inputs_);
    return inner_->run(nothing.data(), rows, currents);
  }
};

/// Tells one addition fewer than it makes.
class Miscounted final : public WrappedProjection {
 public:
  using WrappedProjection::WrappedProjection;
  snn::SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    snn::SiteCounts counts = inner_->run(membranes, rows, currents);
    --counts.additions;
    return counts;
  }
};

/// One bit of a current depends on how many threads compute it.
class MindsItsThreads final : public WrappedProjection {
 public:
  using WrappedProjection::WrappedProjection;
  snn::SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    const snn::SiteCounts counts = inner_->run(membranes, rows, currents);
    if (at::get_num_threads() == 1) currents[0] = std::nextafter(currents[0], 1e9F);
    return counts;
  }
};

/// The fused engine's first current is off by its last bit.
inline eval::CheckParts one_engine_off() {
  class LastBitOff final : public WrappedProjection {
   public:
    using WrappedProjection::WrappedProjection;
    snn::SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
      const snn::SiteCounts counts = inner_->run(membranes, rows, currents);
      for (std::int64_t row = 0; row < rows; ++row) {
        float& first = currents[row * outputs_of(counts, rows)];
        first = std::nextafter(first, 1e9F);
      }
      return counts;
    }

   private:
    [[nodiscard]] std::int64_t outputs_of(const snn::SiteCounts& counts, std::int64_t rows) const {
      return static_cast<std::int64_t>(counts.macs) / (rows * inputs_);
    }
  };
  return with_engine([](FaultyEngine& engine, snn::EngineKind kind) {
    if (kind != snn::EngineKind::fused) return;
    engine.wrap_projection = [](auto inner, snn::SiteId site, std::int64_t inputs) {
      if (site.site != snn::Site::head) return inner;
      return std::unique_ptr<snn::SpikingProjection>(std::make_unique<LastBitOff>(std::move(inner), inputs));
    };
  });
}

/// Does what STAC's own does; a fault overrides what it breaks.
class WrappedProcessor : public eval::Processor {
 public:
  WrappedProcessor(const snn::SpikingModel& model, const runtime::ProcessorOptions& options)
      : inner_(eval::make_processor(model, options)) {}

  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                     const std::vector<runtime::ConversationId>& conversations, runtime::UseCache use_cache) override {
    return inner_->forward(input_ids, attention_mask, conversations, use_cache);
  }
  void reset_cache() override { inner_->reset_cache(); }
  void truncate(const runtime::ConversationId& id, std::int64_t length) override { inner_->truncate(id, length); }
  [[nodiscard]] at::Tensor position_ids() const override { return inner_->position_ids(); }
  [[nodiscard]] at::Tensor attention_mask() const override { return inner_->attention_mask(); }
  [[nodiscard]] std::int64_t cached_length(const runtime::ConversationId& id) const override {
    return inner_->cached_length(id);
  }
  [[nodiscard]] const snn::Ledger& ledger() const override { return inner_->ledger(); }

 protected:
  std::unique_ptr<eval::Processor> inner_;
};

template <typename Faulty>
eval::CheckParts with_processor() {
  eval::CheckParts parts;
  parts.processor = [](const snn::SpikingModel& model, const runtime::ProcessorOptions& options) {
    return std::make_unique<Faulty>(model, options);
  };
  return parts;
}

/// Tells position ids that begin at 0 in every forward.
class PositionsStartOver final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  [[nodiscard]] at::Tensor position_ids() const override {
    const at::Tensor ids = inner_->position_ids();
    return at::arange(ids.size(1)).expand_as(ids).contiguous();
  }
};

/// Tells positions that go on counting where they should be clamped.
class ClampForgotten final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  [[nodiscard]] at::Tensor position_ids() const override {
    const at::Tensor mask = inner_->attention_mask();
    const std::int64_t now = inner_->position_ids().size(1);
    const at::Tensor counted = mask.cumsum(1) - 1;
    return counted.masked_fill(mask == 0, 1).narrow(1, mask.size(1) - now, now);
  }
};

/// Forgets silently where it should refuse.
class OverflowForgetsSilently final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                     const std::vector<runtime::ConversationId>& conversations, runtime::UseCache use_cache) override {
    try {
      return inner_->forward(input_ids, attention_mask, conversations, use_cache);
    } catch (const Error&) {
      inner_->reset_cache();
      return inner_->forward(input_ids.slice(1, input_ids.size(1) - 1), std::nullopt, conversations, use_cache);
    }
  }
};

class ResetDoesNothing final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  void reset_cache() override {}
};

class TruncateDoesNothing final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  void truncate(const runtime::ConversationId&, std::int64_t) override {}
};

/// Every forward begins anew: as if nothing had been read.
class HistoryDropped final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                     const std::vector<runtime::ConversationId>& conversations, runtime::UseCache use_cache) override {
    inner_->reset_cache();
    return inner_->forward(input_ids, attention_mask, conversations, use_cache);
  }
};

/// Rows go on with the conversations of their places, whatever they are called.
class NamesIgnored final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                     const std::vector<runtime::ConversationId>&, runtime::UseCache use_cache) override {
    return inner_->forward(input_ids, attention_mask, {}, use_cache);
  }
};

/// Reads padding as if it were text.
class PaddingIsRead final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>&,
                     const std::vector<runtime::ConversationId>& conversations, runtime::UseCache use_cache) override {
    return inner_->forward(input_ids, std::nullopt, conversations, use_cache);
  }
};

/// The mask covers the new tokens alone.
class MaskDoesNotGrow final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  [[nodiscard]] at::Tensor attention_mask() const override {
    const at::Tensor mask = inner_->attention_mask();
    const std::int64_t now = inner_->position_ids().size(1);
    return mask.narrow(1, mask.size(1) - now, now);
  }
};

/// A row hears a little of the row before it.
class RowsLeak final : public WrappedProcessor {
 public:
  using WrappedProcessor::WrappedProcessor;
  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                     const std::vector<runtime::ConversationId>& conversations, runtime::UseCache use_cache) override {
    const at::Tensor logits = inner_->forward(input_ids, attention_mask, conversations, use_cache);
    return logits + 1e-3 * logits.roll(1, 0) * static_cast<double>(logits.size(0) > 1);
  }
};

}  // namespace stac::testing
