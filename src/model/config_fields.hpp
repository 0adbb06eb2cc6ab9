// Typed reading of config.json: each getter names the field, what it holds and what it should hold.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stac::model {

/// 2^31: no size of a real model comes near it, and products of two stay inside 64 bits.
inline constexpr std::int64_t kLargestSize = std::int64_t{1} << 31;

class ConfigFields {
 public:
  /// The object must outlive this.
  /// @param path  of an object inside config.json, for messages: "rope_scaling."
  /// @throws stac::Error  not a JSON object
  explicit ConfigFields(const nlohmann::json& config, std::string path = {});

  /// A whole number in [1, kLargestSize]. `names` are spellings of one field; the first is used in messages.
  [[nodiscard]] std::int64_t size(std::initializer_list<const char*> names, std::int64_t fallback) const;
  /// The same, or nothing where the field is null or absent.
  [[nodiscard]] std::optional<std::int64_t> optional_size(std::initializer_list<const char*> names) const;
  /// A whole number in [0, kLargestSize], or nothing where the field is null or absent.
  [[nodiscard]] std::optional<std::int64_t> optional_count(const char* name) const;
  /// A finite number >= 0.
  [[nodiscard]] double epsilon(const char* name, double fallback) const;
  /// A finite number >= `least`, or nothing where the field is null or absent.
  [[nodiscard]] std::optional<double> optional_number(const char* name, double least) const;
  [[nodiscard]] bool flag(const char* name, bool fallback) const;
  [[nodiscard]] std::string text(const char* name, const std::string& fallback) const;
  /// Null and absent are nothing.
  [[nodiscard]] std::optional<std::string> optional_text(std::initializer_list<const char*> names) const;
  [[nodiscard]] std::optional<std::vector<std::string>> optional_texts(const char* name) const;
  [[nodiscard]] std::optional<ConfigFields> optional_object(std::initializer_list<const char*> names) const;

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

  [[nodiscard]] bool has(const char* name) const { return config_->contains(name); }

  /// What nobody has asked for might change the function.
  /// @throws stac::Error  naming a field that is set (not null, false, 0 or empty), was not read by any of the above,
  /// and
  ///                      is not harmless by its name
  void refuse_unread(bool (*is_harmless)(std::string_view name)) const;

  /// @throws stac::Error  "'field' is <its value>, but must be <wanted>"
  [[noreturn]] void refuse(const std::string& name, const std::string& wanted) const;

 private:
  [[nodiscard]] const nlohmann::json* find(std::span<const char* const> names) const;
  /// The same; a null is absent.
  [[nodiscard]] const nlohmann::json* find_set(std::initializer_list<const char*> names) const;
  [[nodiscard]] std::string quoted(const std::string& name) const { return "'" + path_ + name + "'"; }
  [[nodiscard]] std::int64_t whole_number(const std::string& name, const nlohmann::json& value, std::int64_t least,
                                          std::int64_t most, const std::string& wanted) const;
  [[nodiscard]] std::int64_t token(const char* name, const nlohmann::json& value, std::int64_t vocab_size) const;
  [[noreturn]] void refuse_value(const std::string& name, const nlohmann::json& value, const std::string& wanted) const;

  const nlohmann::json* config_;
  std::string path_;
  mutable std::set<std::string, std::less<>> read_;
};

}  // namespace stac::model
