// The sentencepiece library behind an interface of ours, in a module that is loaded when a sentencepiece model is.
//
// Debian's libsentencepiece carries a protobuf of its own and exports its symbols; LibTorch brings another version. In
// one symbol scope either's start-up code runs into the other's, and the program dies before main. The module
// (src/modules) is loaded with a scope of its own, so that each finds its own.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stac::text {

class SentencePieceModel {
 public:
  virtual ~SentencePieceModel() = default;
  [[nodiscard]] virtual int size() const = 0;
  [[nodiscard]] virtual int bos_id() const = 0;  ///< -1: none
  [[nodiscard]] virtual int eos_id() const = 0;  ///< -1: none
  /// @param id  in [0, size())
  [[nodiscard]] virtual std::string piece(int id) const = 0;
  /// The id of "unknown" for pieces that the model does not have.
  [[nodiscard]] virtual int id_of(std::string_view piece) const = 0;
  [[nodiscard]] virtual bool is_control(int id) const = 0;
  [[nodiscard]] virtual bool is_unknown(int id) const = 0;
  [[nodiscard]] virtual bool is_byte(int id) const = 0;
  /// @throws stac::Error  the library refuses the text
  [[nodiscard]] virtual std::vector<int> encode(std::string_view text) const = 0;
  [[nodiscard]] virtual std::string decode(const std::vector<int>& ids) const = 0;
};

/// @param serialized  the model file's content
/// @throws stac::Error  not a sentencepiece model; the module cannot be loaded
[[nodiscard]] std::unique_ptr<SentencePieceModel> open_sentencepiece_model(const std::string& serialized);

/// What the module exports. Returns null and says why in `error` where `serialized` is not a model.
inline constexpr const char* kSentencePieceEntry = "stac_open_sentencepiece_model";
using SentencePieceEntry = SentencePieceModel* (*)(const std::string* serialized, std::string* error);

}  // namespace stac::text
