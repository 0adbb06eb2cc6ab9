#include "stac/report/svg.hpp"

#include <gmock/gmock.h>

#include "report/axis.hpp"

namespace stac::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Svg, EscapesWhatItIsGiven) {
  Svg svg(10, 20, "a < b & \"c\"");
  svg.text(1, 2, "</text><script>");
  svg.rectangle(0, 0, 1, 1, "c0", "x > y");
  const std::string text = svg.inline_text();
  EXPECT_THAT(text, HasSubstr("a &lt; b &amp; &quot;c&quot;"));
  EXPECT_THAT(text, HasSubstr("&lt;/text&gt;&lt;script&gt;"));
  EXPECT_THAT(text, HasSubstr("<title>x &gt; y</title>"));
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
}

TEST(Svg, ReplacesBytesThatAreNoCharacters) {
  EXPECT_EQ(escaped("a\xC3"), "a\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xC3\xA9\x01"), "\xC3\xA9\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xED\xA0"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Svg, IsAFileByItselfOnlyWithItsStyle) {
  const Svg svg(10, 20, "t");
  EXPECT_THAT(svg.inline_text(), Not(HasSubstr("<style>")));
  EXPECT_THAT(svg.file_text(), HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(svg.file_text(), HasSubstr("viewBox=\"0 0 10 20\""));
}

TEST(Svg, WritesNumbersShort) {
  EXPECT_EQ(number(1.0), "1");
  EXPECT_EQ(number(0.25), "0.25");
  EXPECT_EQ(number(-0.001), "0");
  EXPECT_EQ(number(1.0 / 3.0), "0.33");
}

TEST(Axis, HasRoundNumbersWithinItsRange) {
  EXPECT_THAT(ticks(0.0, 10.6, 6), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(ticks(-1.0, 1.0, 4), ElementsAre(-1, -0.5, 0, 0.5, 1));
  EXPECT_EQ(ticks(0.0, 0.0, 4).size(), 1U);
  EXPECT_EQ(short_number(0.07233), "0.0723");
  EXPECT_EQ(short_number(1486.4), "1486");
  EXPECT_EQ(short_number(12.0), "12");
  EXPECT_EQ(short_number(100), "100");
}

}  // namespace
}  // namespace stac::report
