// Typed reading of config.json: each getter names the field, what it holds and what it should hold.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace stac::model {

/// 2^31: no size of a real model comes near it, and products of two stay inside 64 bits.
inline constexpr std::int64_t kLargestSize = std::int64_t{1} << 31;

class ConfigFields {
 public:
  /// The object must outlive this.
  /// @throws stac::Error  not a JSON object
  explicit ConfigFields(const nlohmann::json& config);

  /// A whole number in [1, kLargestSize]. `names` are spellings of one field; the first is used in messages.
  [[nodiscard]] std::int64_t size(std::initializer_list<const char*> names, std::int64_t fallback) const;
  /// The same, or nothing where the field is null or absent.
  [[nodiscard]] std::optional<std::int64_t> optional_size(std::initializer_list<const char*> names) const;
  /// A finite number >= 0.
  [[nodiscard]] double epsilon(const char* name, double fallback) const;
  [[nodiscard]] bool flag(const char* name, bool fallback) const;
  [[nodiscard]] std::string text(const char* name, const std::string& fallback) const;

  /// One id below vocab_size, or nothing for null. Where the field is absent: `fallback`, if it lies inside the
  /// vocabulary.
  [[nodiscard]] std::optional<std::int64_t> token_id(const char* name, std::int64_t vocab_size,
                                                     std::optional<std::int64_t> fallback) const;
  /// A number, null or a list of numbers; otherwise as token_id.
  [[nodiscard]] std::vector<std::int64_t> token_ids(const char* name, std::int64_t vocab_size,
                                                    std::optional<std::int64_t> fallback) const;

  /// @throws stac::Error  the field is there and says something other than `harmless` (null and absent are harmless
  /// too)
  void refuse_unless(const char* name, const nlohmann::json& harmless, const std::string& why) const;

 private:
  [[nodiscard]] const nlohmann::json* find(std::initializer_list<const char*> names) const;
  const nlohmann::json& config_;
};

}  // namespace stac::model
