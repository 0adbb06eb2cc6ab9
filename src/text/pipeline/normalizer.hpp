// Normalizers: how a text is rewritten before it is split into words.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/pipeline/pattern.hpp"

namespace stac::text {

class Normalizer {
 public:
  virtual ~Normalizer() = default;

  /// @param text  valid UTF-8
  [[nodiscard]] virtual std::string normalize(std::string_view text) const = 0;

  /// Whether the first character of every result stands for the first one of its text.
  [[nodiscard]] virtual bool keeps_begin() const { return true; }
};

/// Unicode's normalization forms (Unicode standard annex 15).
enum class UnicodeForm { nfc, nfd, nfkc, nfkd };

class UnicodeNormalizer : public Normalizer {
 public:
  explicit UnicodeNormalizer(UnicodeForm form) : form_(form) {}
  [[nodiscard]] std::string normalize(std::string_view text) const override;

 private:
  UnicodeForm form_;
};

/// Character by character: a sigma is lower-cased alike wherever it stands.
class LowercaseNormalizer : public Normalizer {
 public:
  [[nodiscard]] std::string normalize(std::string_view text) const override;
};

/// Writes something before every text that is not empty.
class PrependNormalizer : public Normalizer {
 public:
  explicit PrependNormalizer(std::string prefix) : prefix_(std::move(prefix)) {}
  [[nodiscard]] std::string normalize(std::string_view text) const override;
  [[nodiscard]] bool keeps_begin() const override { return false; }

 private:
  std::string prefix_;
};

class ReplaceNormalizer : public Normalizer {
 public:
  ReplaceNormalizer(std::unique_ptr<const Pattern> pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  [[nodiscard]] std::string normalize(std::string_view text) const override {
    return replace_matches(text, *pattern_, content_);
  }
  [[nodiscard]] bool keeps_begin() const override { return !content_.empty(); }

 private:
  std::unique_ptr<const Pattern> pattern_;
  std::string content_;
};

/// Drops the blanks at the ends.
class StripNormalizer : public Normalizer {
 public:
  StripNormalizer(bool left, bool right) : left_(left), right_(right) {}
  [[nodiscard]] std::string normalize(std::string_view text) const override;
  [[nodiscard]] bool keeps_begin() const override { return !left_; }

 private:
  bool left_;
  bool right_;
};

class NormalizerSequence : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<const Normalizer>> steps) : steps_(std::move(steps)) {}
  [[nodiscard]] std::string normalize(std::string_view text) const override;
  [[nodiscard]] bool keeps_begin() const override;

 private:
  std::vector<std::unique_ptr<const Normalizer>> steps_;
};

}  // namespace stac::text
