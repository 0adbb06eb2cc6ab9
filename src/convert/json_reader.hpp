// Fields of a JSON object, read strictly: what is missing, unknown or of the wrong type is refused by its name.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "stac/error.hpp"

namespace stac::convert {

/// One object inside a file. The JSON must outlive it.
class JsonReader {
 public:
  /// @param where  the file, for errors
  /// @param path   the object's place in it: "", "source", ...
  /// @throws stac::Error  `json` is not an object
  JsonReader(const nlohmann::json& json, std::string where, std::string path = {});

  /// @throws stac::Error  a field that is not among `known`
  void require_only(std::initializer_list<std::string_view> known) const;

  [[nodiscard]] bool is_null(const std::string& field) const;  ///< there, and null
  [[nodiscard]] std::string text(const std::string& field) const;
  [[nodiscard]] std::string sha256(const std::string& field) const;  ///< 64 lower-case hex digits
  [[nodiscard]] bool boolean(const std::string& field) const;
  [[nodiscard]] std::int64_t integer(const std::string& field, std::int64_t least) const;
  [[nodiscard]] double fraction(const std::string& field, double most) const;  ///< in [0, most]
  [[nodiscard]] std::vector<std::string> texts(const std::string& field) const;
  [[nodiscard]] JsonReader object(const std::string& field) const;
  [[nodiscard]] std::vector<JsonReader> objects(const std::string& field) const;  ///< a list of objects

  [[nodiscard]] const nlohmann::json& json() const { return json_; }
  [[nodiscard]] const std::string& where() const { return where_; }

  /// @throws stac::Error  "<file>: 'path.field' <rule>", always
  [[noreturn]] void refuse(const std::string& field, const std::string& rule) const;

 private:
  [[nodiscard]] std::string name(const std::string& field) const;
  [[nodiscard]] const nlohmann::json& at(const std::string& field) const;

  const nlohmann::json& json_;
  std::string where_;
  std::string path_;
};

}  // namespace stac::convert
