#include "text/pipeline/unigram_json.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"
#include "text/pipeline/unigram_model.hpp"
#include "text/pipeline/vocabulary_json.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;

/// The score as the tokenizers library reads it: its JSON reader divides the digits, rounded to a double, by a power of
/// ten, and so is off by a last bit now and then. Paths of the same pieces in another order differ by no more than
/// that.
double score_of(const Json& number) {
  std::array<char, 32> text{};
  const double exact = number.get<double>();
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), std::abs(exact), std::chars_format::scientific);
  std::uint64_t digits = 0;
  int exponent = 0;
  bool fraction = false;
  const char* at = text.data();
  for (; at != end.ptr && *at != 'e'; ++at) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
    exponent -= fraction ? 1 : 0;
  }
  int written = 0;
  if (at != end.ptr) std::from_chars(at[1] == '+' ? at + 2 : at + 1, end.ptr, written);
  exponent += written;
  const double power = std::pow(10.0, std::abs(exponent));
  const double size = exponent < 0 ? static_cast<double>(digits) / power : static_cast<double>(digits) * power;
  return std::copysign(size, exact);
}

std::vector<ScoredPiece> parse_pieces(const Json& list) {
  if (!list.is_array()) throw Error("model.vocab must be a list but is " + json_type(list));
  if (list.empty()) throw Error("model.vocab is empty");
  if (list.size() > static_cast<std::size_t>(id_bound)) {
    throw Error("model.vocab has " + std::to_string(list.size()) + " pieces");
  }
  std::vector<ScoredPiece> pieces;
  pieces.reserve(list.size());
  for (const Json& entry : list) {
    const bool scored = entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_number();
    if (!scored) throw Error("model.vocab[" + std::to_string(pieces.size()) + "] must be [\"piece\", score]");
    pieces.emplace_back(entry[0].get<std::string>(), score_of(entry[1]));
  }
  return pieces;
}

}  // namespace

std::unique_ptr<PieceModel> parse_unigram_model(const Json& model) {
  UnigramOptions options;
  const Json& unk_id = field(model, "unk_id");
  if (!unk_id.is_null()) options.unk_id = parse_id(unk_id, "model.unk_id");
  options.byte_fallback = optional_bool(model, "byte_fallback", "model").value_or(false);
  return std::make_unique<UnigramModel>(parse_pieces(field(model, "vocab")), options);
}

}  // namespace stac::text
