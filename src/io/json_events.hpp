// Reads JSON as a stream of events, so that what a reader keeps is bounded by what it asked for, not by the text.
#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace stac::io {

/// A reader of JSON events. An override returns fail(rule) to stop with that rule as the reason.
class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool binary(binary_t& value) final;
  bool parse_error(std::size_t position, const std::string& last_token, const nlohmann::detail::exception& error) final;
  [[nodiscard]] const std::string& failure() const { return failure_; }
  /// How far the text was read when its syntax broke; nullopt where a rule of the reader did.
  [[nodiscard]] const std::optional<std::size_t>& syntax_position() const { return syntax_position_; }

 protected:
  bool fail(std::string rule);

 private:
  std::string failure_;
  std::optional<std::size_t> syntax_position_;
};

/// "line 3, column 9 (byte 57)" of a position in a text.
[[nodiscard]] std::string describe_position(std::string_view text, std::size_t offset);

/// Feeds a whole JSON text to `events`, without recursion.
/// @param where  names the text in errors: a file, or "FILE: header"
/// @throws stac::Error "<where>: line L, column C (byte B): <rule>" for a syntax error or the rule that `events` named
void read_json_events(std::string_view text, const std::string& where, JsonEvents& events);

}  // namespace stac::io
