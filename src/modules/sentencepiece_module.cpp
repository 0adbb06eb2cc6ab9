// The loadable module around the sentencepiece library: src/text/sentencepiece_model.hpp says why it is one.
#include <sentencepiece_processor.h>

#include "stac/error.hpp"
#include "text/sentencepiece_model.hpp"

namespace {

class Model : public stac::text::SentencePieceModel {
 public:
  /// @return the library's complaint; empty if the model is loaded
  [[nodiscard]] std::string load(const std::string& serialized) {
    const auto status = processor_.LoadFromSerializedProto(serialized);
    if (!status.ok()) return status.ToString();
    return processor_.GetPieceSize() == 0 ? "it holds no pieces" : "";
  }

  [[nodiscard]] int size() const override { return processor_.GetPieceSize(); }
  [[nodiscard]] int bos_id() const override { return processor_.bos_id(); }
  [[nodiscard]] int eos_id() const override { return processor_.eos_id(); }
  [[nodiscard]] std::string piece(int id) const override { return processor_.IdToPiece(id); }
  [[nodiscard]] int id_of(std::string_view piece) const override { return processor_.PieceToId(piece); }
  [[nodiscard]] bool is_control(int id) const override { return processor_.IsControl(id); }
  [[nodiscard]] bool is_unknown(int id) const override { return processor_.IsUnknown(id); }
  [[nodiscard]] bool is_byte(int id) const override { return processor_.IsByte(id); }

  [[nodiscard]] std::vector<int> encode(std::string_view text) const override {
    std::vector<int> ids;
    const auto status = processor_.Encode(text, &ids);
    if (!status.ok()) throw stac::Error("sentencepiece cannot encode the text: " + status.ToString());
    return ids;
  }
  [[nodiscard]] std::string decode(const std::vector<int>& ids) const override { return processor_.DecodeIds(ids); }

 private:
  sentencepiece::SentencePieceProcessor processor_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) stac::text::SentencePieceModel* stac_open_sentencepiece_model(
    const std::string* serialized, std::string* error) {
  auto model = std::make_unique<Model>();
  *error = model->load(*serialized);
  return error->empty() ? model.release() : nullptr;
}
