#include "stac/model/text_logits.hpp"

#include <stdexcept>
#include <utility>

namespace stac::model {
namespace {

class SequenceLogits final : public TextLogits {
 public:
  SequenceLogits(Sequence& sequence, Texts texts) : sequence_(sequence), texts_(std::move(texts)) {}

  at::Tensor of(std::size_t text) override {
    sequence_.reset();
    at::Tensor logits = sequence_.append(texts_.at(text), LogitRows::all);
    sequence_.reset();
    return logits;
  }

 private:
  Sequence& sequence_;
  Texts texts_;
};

class ModelLogits final : public TextLogits {
 public:
  ModelLogits(const LanguageModel& model, Texts texts)
      : sequence_(model.start()), logits_(*sequence_, std::move(texts)) {}

  at::Tensor of(std::size_t text) override { return logits_.of(text); }

 private:
  std::unique_ptr<Sequence> sequence_;
  SequenceLogits logits_;
};

}  // namespace

std::unique_ptr<TextLogits> reads(Sequence& sequence, Texts texts) {
  return std::make_unique<SequenceLogits>(sequence, std::move(texts));
}

TextReader reader_of(const LanguageModel& model) {
  return [&model](Texts texts) { return std::make_unique<ModelLogits>(model, std::move(texts)); };
}

void LayerwisePass::run_layer() {
  if (next_ == layers_) throw std::logic_error("every layer has run");
  run(next_++);
}

at::Tensor LayerwisePass::of(std::size_t text) {
  while (next_ < layers_) run_layer();
  return logits(text);
}

}  // namespace stac::model
