// Decoders: how pieces become text again, one piece after the other.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stac::text {

using Pieces = std::vector<std::string>;

/// The state of one stage while it works through one sequence of pieces.
class DecodingStage {
 public:
  virtual ~DecodingStage() = default;

  /// Takes a piece and appends what is certain now to `out`.
  virtual void push(std::string piece, Pieces& out) = 0;

  /// Appends what was held back; the sequence ends here.
  virtual void finish(Pieces& out) = 0;
};

/// One sequence of pieces on its way through all stages.
class Decoding {
 public:
  explicit Decoding(std::vector<std::unique_ptr<DecodingStage>> stages) : stages_(std::move(stages)) {}
  [[nodiscard]] std::string push(std::string piece);
  [[nodiscard]] std::string finish();

 private:
  /// Sends pieces through the stages from one on.
  [[nodiscard]] Pieces pass(Pieces pieces, std::size_t first_stage);

  std::vector<std::unique_ptr<DecodingStage>> stages_;
};

/// The stages of a tokenizer's decoder, in order.
class Decoder {
 public:
  using Stage = std::function<std::unique_ptr<DecodingStage>()>;
  void add(Stage stage) { stages_.push_back(std::move(stage)); }
  [[nodiscard]] Decoding start() const;

 private:
  std::vector<Stage> stages_;
};

}  // namespace stac::text
