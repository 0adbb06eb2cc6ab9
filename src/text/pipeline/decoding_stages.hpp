// The stages that decoders are made of, each as the tokenizers library means it.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "text/pipeline/decoder.hpp"
#include "text/pipeline/pattern.hpp"
#include "text/utf8.hpp"

namespace stac::text {

/// Pieces in the byte alphabet become bytes, and these one text in UTF-8.
class ByteLevelDecoding : public DecodingStage {
 public:
  void push(std::string piece, Pieces& out) override;
  void finish(Pieces& out) override;

 private:
  Utf8Assembler assembler_;
};

/// Marks become blanks; the first piece, on request, loses its marks.
class MetaspaceDecoding : public DecodingStage {
 public:
  MetaspaceDecoding(std::string mark, bool drops_first) : mark_(std::move(mark)), drops_(drops_first) {}
  void push(std::string piece, Pieces& out) override;
  void finish(Pieces&) override {}

 private:
  LiteralPattern mark_;
  bool drops_;
};

class ReplaceDecoding : public DecodingStage {
 public:
  ReplaceDecoding(std::shared_ptr<const Pattern> pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void push(std::string piece, Pieces& out) override { out.push_back(replace_matches(piece, *pattern_, content_)); }
  void finish(Pieces&) override {}

 private:
  std::shared_ptr<const Pattern> pattern_;
  std::string content_;
};

/// Runs of byte pieces ("<0xE2>") become the characters that they spell, or a U+FFFD for each byte where the whole run
/// is not valid UTF-8: so nothing of a run is certain before its end.
class ByteFallbackDecoding : public DecodingStage {
 public:
  void push(std::string piece, Pieces& out) override;
  void finish(Pieces& out) override;

 private:
  std::string run_;
};

/// How many of a character to drop at the ends.
struct StripAmounts {
  std::string content;  ///< one character
  std::size_t start = 0;
  std::size_t stop = 0;
};

/// Strips every piece.
class StripDecoding : public DecodingStage {
 public:
  explicit StripDecoding(StripAmounts amounts) : amounts_(std::move(amounts)) {}
  void push(std::string piece, Pieces& out) override;
  void finish(Pieces&) override {}

 private:
  StripAmounts amounts_;
};

/// Strips the text that its pieces are together.
class StripTextDecoding : public DecodingStage {
 public:
  explicit StripTextDecoding(StripAmounts amounts) : amounts_(std::move(amounts)), left_(amounts_.start) {}
  void push(std::string piece, Pieces& out) override;
  void finish(Pieces&) override { held_.clear(); }

 private:
  StripAmounts amounts_;
  std::size_t left_;  // still to be dropped where the text begins with them
  std::string held_;  // the end of the text so far, as far as it may have to be dropped
};

/// What the library does without a decoder: a blank between pieces.
class SpacedDecoding : public DecodingStage {
 public:
  void push(std::string piece, Pieces& out) override;
  void finish(Pieces&) override {}

 private:
  bool first_ = true;
};

}  // namespace stac::text
