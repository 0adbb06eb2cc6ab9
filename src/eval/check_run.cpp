#include "stac/eval/check_run.hpp"

#include <algorithm>
#include <utility>

#include "stac/eval/evaluation_text.hpp"

namespace stac::eval {
namespace {

constexpr snn::Code kFineCode{16, 2};

CheckText check_text(const convert::OpenedModel& model, const CheckPlan& plan) {
  const std::int64_t context = std::min(plan.context, model.config().max_positions);
  if (!plan.text && !text::has_tokenizer(model.folder())) {
    return {random_windows(model.config().vocab_size, context, plan.windows, plan.seed), "random ids (no tokenizer)"};
  }
  const std::filesystem::path file = plan.text.value_or(bundled_evaluation_text());
  return {read_windows(model, {file, context, plan.windows, BosChoice::automatic}), file.filename().string()};
}

}  // namespace

CheckRun::CheckRun(const convert::OpenedModel& model, const CheckPlan& plan, CheckParts parts)
    : model_(model), plan_(plan), parts_(std::move(parts)) {}

std::unique_ptr<snn::Engine> CheckRun::engine(snn::EngineKind kind) const {
  return parts_.engine ? parts_.engine(kind) : model_.engine(kind);
}

snn::Plan CheckRun::network_plan() const {
  snn::Plan plan = model_.plan();
  if (parts_.change_plan) parts_.change_plan(plan);
  return plan;
}

const snn::SpikingModel& CheckRun::spiking(snn::EngineKind kind) {
  const bool is_own = !parts_.engine && !parts_.change_plan;
  if (is_own) return model_.spiking(kind);  // which is built already, perhaps
  const auto found = networks_.find(kind);
  if (found != networks_.end()) return found->second;
  return networks_.emplace(kind, stored_in(model_.config().storage, kind)).first->second;
}

snn::SpikingModel CheckRun::observed(snn::SiteObserver& observer) const {
  return model_.network(network_plan(), snn::observed(engine(plan_.engine), observer), model_.config().storage);
}

snn::SpikingModel CheckRun::stored_in(const model::Storage& storage, snn::EngineKind kind) const {
  return model_.network(network_plan(), engine(kind), storage);
}

snn::SpikingModel CheckRun::finely_coded() const {
  snn::Plan plan = network_plan();
  snn::for_each_site(plan.layers(), [&](std::int64_t layer, snn::Site site) {
    snn::Population& population = plan.at(layer, site);
    population.code = kFineCode;
    population.full_scale.clear();
    population.rest.clear();  // it stands for what the coarser code leaves unsaid
  });
  return model_.network(plan, engine(plan_.engine), model::Storage{});
}

std::unique_ptr<Processor> CheckRun::processor(const runtime::ProcessorOptions& options) {
  return parts_.processor ? parts_.processor(spiking(), options) : make_processor(spiking(), options);
}

const model::LanguageModel& CheckRun::reference() const {
  const model::LanguageModel* source = model_.source();
  return source != nullptr ? *source : model_.ann();
}

std::string CheckRun::reference_name() const {
  if (model_.source() != nullptr) return "the dense model";
  return "its own weights without spikes (no dense source: " + model_.source_missing_reason() + ")";
}

std::vector<std::int64_t> CheckRun::random_text(std::int64_t tokens) const {
  const model::TransformerConfig& config = model_.config();
  return random_windows(config.vocab_size, std::min(tokens, config.max_positions), 1, plan_.seed).windows.front();
}

const CheckText& CheckRun::text() {
  if (!text_) text_ = check_text(model_, plan_);
  return *text_;
}

const Reading& CheckRun::reading() {
  if (!reading_) {
    const auto dense = reference().start();
    const auto sequence = spiking().start_spiking();
    const Fidelity fidelity = measure_fidelity(*dense, *sequence, text().windows, plan_.seed, plan_.progress);
    reading_ = Reading{fidelity, sequence->ledger(), text().name};
  }
  return *reading_;
}

}  // namespace stac::eval
