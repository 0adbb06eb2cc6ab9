// What a command says, and where: results on stdout (text, or one JSON object), everything else on stderr.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "stac/cli/common_options.hpp"
#include "stac/cli/progress_bar.hpp"

namespace stac::cli {

class Console {
 public:
  /// @param options  borrowed
  explicit Console(const CommonOptions& options) : options_(options) {}

  [[nodiscard]] const CommonOptions& options() const { return options_; }

  /// Whether stdout is reserved for one JSON object.
  [[nodiscard]] bool stdout_is_json() const;

  /// Result text as it is, flushed, unless stdout carries JSON. @throws stac::Error  stdout cannot be written
  void print(std::string_view text) const;

  /// The result as JSON, on stdout or, whole or not at all, in the file of --json=FILE; nothing without --json.
  /// Bytes that are not UTF-8 become U+FFFD; numbers that are not finite become null.
  void report(const nlohmann::json& object);

  /// Whether a report was given: a command gives one, also when it fails.
  [[nodiscard]] bool reported() const { return reported_; }

  /// Something worth knowing, on stderr; not with --quiet.
  void note(const std::string& text) const;
  void warn(const std::string& text) const;

  /// A bar on stderr, where that is a terminal and neither --quiet nor --log-level off was given.
  [[nodiscard]] ProgressBar progress(const std::string& label, ProgressUnit unit = ProgressUnit::steps) const;

 private:
  const CommonOptions& options_;
  bool reported_ = false;
};

/// "error: <what>\n       <hint>" on stderr, coloured where it may be.
void print_error(const std::string& what, const std::string& hint);

}  // namespace stac::cli
