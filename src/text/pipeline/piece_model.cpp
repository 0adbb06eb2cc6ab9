#include "text/pipeline/piece_model.hpp"

#include <algorithm>
#include <charconv>

namespace stac::text {

std::optional<std::int64_t> PieceModel::id_of(std::string_view token) const {
  const auto found = vocabulary().find(std::string(token));
  if (found == vocabulary().end()) return std::nullopt;
  return found->second;
}

std::string byte_piece(unsigned char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return std::string("<0x") + digits[byte / 16] + digits[byte % 16] + ">";
}

std::optional<unsigned char> byte_of_piece(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return std::nullopt;
  unsigned char byte = 0;
  const auto read = std::from_chars(piece.data() + 3, piece.data() + 5, byte, 16);
  if (read.ec != std::errc() || read.ptr != piece.data() + 5) return std::nullopt;
  return byte;
}

BytePieces::BytePieces(const PieceModel& model) {
  for (std::size_t byte = 0; byte < ids_.size(); ++byte) {
    ids_[byte] = model.id_of(byte_piece(static_cast<unsigned char>(byte))).value_or(-1);
  }
}

bool BytePieces::spell(std::string_view text, std::vector<std::int64_t>& ids) const {
  const auto id = [this](char byte) { return ids_[static_cast<unsigned char>(byte)]; };
  if (std::any_of(text.begin(), text.end(), [&](char byte) { return id(byte) < 0; })) return false;
  std::transform(text.begin(), text.end(), std::back_inserter(ids), id);
  return true;
}

}  // namespace stac::text
