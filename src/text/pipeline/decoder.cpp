#include "text/pipeline/decoder.hpp"

#include <iterator>
#include <numeric>

namespace stac::text {
namespace {

std::string concatenated(const Pieces& pieces) { return std::accumulate(pieces.begin(), pieces.end(), std::string()); }

}  // namespace

Pieces Decoding::pass(Pieces pieces, std::size_t first_stage) {
  for (std::size_t i = first_stage; i < stages_.size(); ++i) {
    Pieces out;
    for (std::string& piece : pieces) stages_[i]->push(std::move(piece), out);
    pieces = std::move(out);
  }
  return pieces;
}

std::string Decoding::push(std::string piece) {
  Pieces pieces;
  pieces.push_back(std::move(piece));
  return concatenated(pass(std::move(pieces), 0));
}

std::string Decoding::finish() {
  std::string text;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    Pieces out;
    stages_[i]->finish(out);
    text += concatenated(pass(std::move(out), i + 1));
  }
  return text;
}

Decoding Decoder::start() const {
  std::vector<std::unique_ptr<DecodingStage>> stages;
  for (const Stage& stage : stages_) stages.push_back(stage());
  return Decoding(std::move(stages));
}

}  // namespace stac::text
