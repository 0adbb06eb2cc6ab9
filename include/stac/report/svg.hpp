// Drawings as SVG text. Colours are classes of one style sheet (style()), so that a drawing follows the reader's light
// or dark mode, in a page as well as in a file of its own.
#pragma once
#include <string>
#include <string_view>

namespace stac::report {

/// & < > " as entities; bytes that are no UTF-8, and control characters, as U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

/// A coordinate with at most two decimals: "12.5".
[[nodiscard]] std::string number(double value);

/// The custom properties and classes that drawings use: ink, faint, grid, c0 .. c9 (fills), l0 .. l9 (lines).
[[nodiscard]] std::string style();

inline constexpr int kColours = 6;  ///< c0 .. c5 are told apart by people with any colour vision (Okabe and Ito)

enum class Anchor { start, middle, end };

/// x grows to the right, y downwards.
class Svg {
 public:
  /// @param title  what a screen reader says, and a pointer that rests on the drawing
  Svg(double width, double height, std::string title);

  void rectangle(double x, double y, double width, double height, const std::string& classes,
                 const std::string& tooltip = "", double opacity = 1.0);
  void line(double x1, double y1, double x2, double y2, const std::string& classes);
  void circle(double x, double y, double radius, const std::string& classes, const std::string& tooltip = "");
  void text(double x, double y, std::string_view words, const std::string& classes = "ink",
            Anchor anchor = Anchor::start);
  /// Reading upwards, its end at the point.
  void upward_text(double x, double y, std::string_view words, const std::string& classes = "ink");
  /// @param path  of SVG's path language
  void path(const std::string& path, const std::string& classes, double width = 1.0);

  [[nodiscard]] double width() const { return width_; }

  /// For a page that has style() already.
  [[nodiscard]] std::string inline_text() const;
  /// A file by itself.
  [[nodiscard]] std::string file_text() const;

 private:
  [[nodiscard]] std::string open_tag() const;

  double width_, height_;
  std::string title_, body_;
};

}  // namespace stac::report
