#include "stac/energy/closed_form.hpp"

#include <cmath>

namespace stac::energy {
namespace {

std::string explain(const ClosedForm& form, const EnergyModel& model, bool int8_weights) {
  std::string text = "Both count products alone. ";
  if (form.coverage < 1.0) {
    text += "It repeats the products that no spike drives T times; they are made once. ";
  }
  if (model.is_neuromorphic()) {
    return text + "It prices an addition as an f32 adder, ours at the chip's synaptic operation.";
  }
  if (int8_weights) {
    return text + "It gives every addition an f32 adder; weights are int8 here, so projections add integers.";
  }
  if (std::abs(form.ratio - form.counted) <= 1e-9 * form.counted) {
    return text + "With every product driven and f32 adders T cancels, and they are the same number.";
  }
  return text + "They differ by what is said above.";
}

}  // namespace

ClosedForm closed_form(const EnergyModel& model, const snn::Plan& plan, const snn::Ledger& ledger, double counted,
                       bool int8_weights) {
  const double add = model.picojoules("f32_add");
  ClosedForm form;
  form.timesteps = plan.longest_window();
  form.coverage = ledger.coverage();
  form.adder_ratio = add / (model.picojoules("f32_multiply") + add);
  form.rate = ledger.additions_per_mac() / form.timesteps;
  form.ratio = form.timesteps * (form.rate * form.coverage * form.adder_ratio + 1.0 - form.coverage);
  form.counted = counted;
  form.explanation = explain(form, model, int8_weights);
  return form;
}

}  // namespace stac::energy
