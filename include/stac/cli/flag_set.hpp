// The flags of one command: declared with their types and ranges, parsed once, explained by --help.
//
// Spelling follows llama.cpp and the Hugging Face tools; an underscore in a flag's name is a dash, so the Python
// project's `--model_name` and `--model-name` are one flag. A flag may be given once unless it is declared repeated.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stac::cli {

/// Inclusive.
struct IntegerRange {
  std::int64_t least;
  std::int64_t most;
};

/// Inclusive.
struct NumberRange {
  double least;
  double most;
};

/// Targets are borrowed and must outlive parse(); those whose flags are not given keep their values (the defaults).
/// `names` is "--seed" or "-T,--timesteps": at most one short name and one long one.
class FlagSet {
 public:
  FlagSet();
  ~FlagSet();
  FlagSet(const FlagSet&) = delete;
  FlagSet& operator=(const FlagSet&) = delete;

  /// Flags declared from here on stand under this title in the help.
  void section(const std::string& title);

  /// A switch: absent or present.
  void toggle(const std::string& names, bool& target, const std::string& help);
  void text(const std::string& names, std::string& target, const std::string& placeholder, const std::string& help);
  void text(const std::string& names, std::optional<std::string>& target, const std::string& placeholder,
            const std::string& help);
  /// May be given several times; values keep their order.
  void texts(const std::string& names, std::vector<std::string>& target, const std::string& placeholder,
             const std::string& help);
  void path(const std::string& names, std::optional<std::filesystem::path>& target, const std::string& placeholder,
            const std::string& help);
  /// `--name` alone gives an empty path, `--name=FILE` that file.
  void optional_path(const std::string& names, std::optional<std::filesystem::path>& target, const std::string& help);
  void integer(const std::string& names, std::int64_t& target, IntegerRange range, const std::string& help);
  void integer(const std::string& names, std::optional<std::int64_t>& target, IntegerRange range,
               const std::string& help);
  void number(const std::string& names, double& target, NumberRange range, const std::string& help);
  void number(const std::string& names, std::optional<double>& target, NumberRange range, const std::string& help);
  void choice(const std::string& names, std::string& target, const std::vector<std::string>& values,
              const std::string& help);
  void choice(const std::string& names, std::optional<std::string>& target, const std::vector<std::string>& values,
              const std::string& help);

  /// Another long spelling of a declared flag ("--model-name" of "--model"); not shown in the help. Declared again, it
  /// stands for the later flag.
  void alias(const std::string& other, const std::string& declared);

  /// Reads the arguments (without the program's name) into the targets.
  /// @throws stac::UsageError  an unknown flag (with the nearest known one), one given twice, a value that is missing
  ///                           or out of range, an argument that belongs to no flag
  void parse(std::span<const std::string> arguments);

  /// Whether a flag was given on the command line (after parse()). @param name  its declared long name
  [[nodiscard]] bool given(const std::string& name) const;

  /// The flags by section, at most 100 columns wide.
  [[nodiscard]] std::string help() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stac::cli
