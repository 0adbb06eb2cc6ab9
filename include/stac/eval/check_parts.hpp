// Of what the checks put together the network and the processor that they examine.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "stac/runtime/temporal_spike_processor.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/spiking_model.hpp"

namespace torch::jit {
struct Module;
}

namespace stac::eval {

/// What the checks ask of a processor; runtime::TemporalSpikeProcessor says what each does.
class Processor {
 public:
  virtual ~Processor() = default;
  virtual at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                             const std::vector<runtime::ConversationId>& conversations,
                             runtime::UseCache use_cache) = 0;
  virtual void reset_cache() = 0;
  virtual void truncate(const runtime::ConversationId& id, std::int64_t length) = 0;
  [[nodiscard]] virtual at::Tensor position_ids() const = 0;
  [[nodiscard]] virtual at::Tensor attention_mask() const = 0;
  [[nodiscard]] virtual std::int64_t cached_length(const runtime::ConversationId& id) const = 0;
  [[nodiscard]] virtual const snn::Ledger& ledger() const = 0;
};

/// STAC's own.
[[nodiscard]] std::unique_ptr<Processor> make_processor(const snn::SpikingModel& model,
                                                        const runtime::ProcessorOptions& options);

/// Empty parts are STAC's own. A test puts a broken one in the place of one, and sees which checks notice.
struct CheckParts {
  std::function<std::unique_ptr<snn::Engine>(snn::EngineKind)> engine = {};
  std::function<void(snn::Plan&)> change_plan = {};
  std::function<std::unique_ptr<Processor>(const snn::SpikingModel&, const runtime::ProcessorOptions&)> processor = {};
  std::function<void(torch::jit::Module&)> change_module = [](torch::jit::Module&) {};
};

}  // namespace stac::eval
