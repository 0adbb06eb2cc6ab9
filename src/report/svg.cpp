#include "stac/report/svg.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>

#include "report/utf8.hpp"

namespace stac::report {
namespace {

std::string attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + value + "\"";
}

std::string attribute(const char* name, double value) { return attribute(name, number(value)); }

std::string with_tooltip(const std::string& element, const std::string& attributes, const std::string& tooltip) {
  if (tooltip.empty()) return "<" + element + attributes + "/>\n";
  return "<" + element + attributes + "><title>" + escaped(tooltip) + "</title></" + element + ">\n";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text.substr(i));
    const auto first = static_cast<unsigned char>(text[i]);
    if (length == 0 || (first < 0x20 && first != '\n' && first != '\t') || first == 0x7f) {
      result += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    if (text[i] == '&') {
      result += "&amp;";
    } else if (text[i] == '<') {
      result += "&lt;";
    } else if (text[i] == '>') {
      result += "&gt;";
    } else if (text[i] == '"') {
      result += "&quot;";
    } else {
      result += text.substr(i, length);
    }
    i += length;
  }
  return result;
}

std::string number(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.2f", value);
  std::string text = buffer;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string style() {
  const char* const colours[] = {"#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9"};
  std::string text =
      ":root{--ink:#1b1f24;--faint:#5b6470;--grid:#d8dde3;--paper:#fff;--panel:#f6f8fa;--edge:#b4bdc7}\n"
      "@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--faint:#9aa6b2;--grid:#353c45;--paper:#0f1318;"
      "--panel:#181e25;--edge:#59636e}}\n"
      "svg text{font:12px system-ui,sans-serif;fill:var(--ink)}svg .small{font-size:10px}"
      "svg .faint{fill:var(--faint)}svg .bold{font-weight:600}\n"
      "svg .grid{stroke:var(--grid)}svg .axis{stroke:var(--faint)}svg .dashed{stroke-dasharray:4 3}\n";
  for (int i = 0; i < kColours; ++i) {
    const std::string name = std::to_string(i);
    text += "svg .c" + name + "{fill:" + colours[i] + "}svg .l" + name + "{stroke:" + colours[i] + ";fill:none}\n";
  }
  return text;
}

Svg::Svg(double width, double height, std::string title) : width_(width), height_(height), title_(std::move(title)) {}

void Svg::rectangle(double x, double y, double width, double height, const std::string& classes,
                    const std::string& tooltip, double opacity) {
  std::string attributes = attribute("x", x) + attribute("y", y) + attribute("width", width) +
                           attribute("height", height) + attribute("class", classes);
  if (opacity < 1.0) attributes += attribute("fill-opacity", opacity);
  body_ += with_tooltip("rect", attributes, tooltip);
}

void Svg::line(double x1, double y1, double x2, double y2, const std::string& classes) {
  body_ += "<line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) + attribute("y2", y2) +
           attribute("class", classes) + "/>\n";
}

void Svg::circle(double x, double y, double radius, const std::string& classes, const std::string& tooltip) {
  body_ += with_tooltip("circle",
                        attribute("cx", x) + attribute("cy", y) + attribute("r", radius) + attribute("class", classes),
                        tooltip);
}

void Svg::text(double x, double y, std::string_view words, const std::string& classes, Anchor anchor) {
  const char* const names[] = {"start", "middle", "end"};
  std::string attributes = attribute("x", x) + attribute("y", y) + attribute("class", classes);
  if (anchor != Anchor::start) attributes += attribute("text-anchor", names[static_cast<int>(anchor)]);
  body_ += "<text" + attributes + ">" + escaped(words) + "</text>\n";
}

void Svg::upward_text(double x, double y, std::string_view words, const std::string& classes) {
  body_ += "<text" + attribute("transform", "translate(" + number(x) + " " + number(y) + ") rotate(-90)") +
           attribute("class", classes) + attribute("text-anchor", std::string("end")) + ">" + escaped(words) +
           "</text>\n";
}

void Svg::path(const std::string& path, const std::string& classes, double width) {
  body_ += "<path" + attribute("d", path) + attribute("class", classes) + attribute("stroke-width", width) + "/>\n";
}

std::string Svg::open_tag() const {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " + number(width_) + " " +
         number(height_) + "\" width=\"" + number(width_) + "\" height=\"" + number(height_) + "\">\n<title>" +
         escaped(title_) + "</title>\n";
}

std::string Svg::inline_text() const { return open_tag() + body_ + "</svg>\n"; }

std::string Svg::file_text() const {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + open_tag() + "<style>" + style() +
         "</style>\n<rect width=\"100%\" height=\"100%\" style=\"fill:var(--paper)\"/>\n" + body_ + "</svg>\n";
}

}  // namespace stac::report
