#include "stac/cli/table.hpp"

#include <gmock/gmock.h>

#include <sstream>
#include <stdexcept>

namespace stac::cli {
namespace {

TEST(Table, AlignsTextLeftAndNumbersRight) {
  Table table({{"name"}, {"n", Align::right}});
  table.add({"a", "1"});
  table.add({"long name", "1,000"});
  EXPECT_EQ(table.str(),
            "name           n\n"
            "---------  -----\n"
            "a              1\n"
            "long name  1,000\n");
}

TEST(Table, CountsCharactersAndNotBytes) {
  Table table({{"x"}, {"y"}});
  table.add({"\xC3\xA9\xC3\xA9", "1"});
  EXPECT_NE(table.str().find("\xC3\xA9\xC3\xA9  1"), std::string::npos);
}

TEST(Table, WrapsALongLastColumnBelowAHundredColumns) {
  Table table({{"name"}, {"text"}});
  std::string text;
  for (int i = 0; i < 60; ++i) text += "word" + std::to_string(i) + " ";
  table.add({"first", text});
  std::istringstream lines(table.str());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), kReportColumns) << line;
  EXPECT_GT(count, 5U);
}

TEST(Table, RefusesARowOfAnotherLength) {
  Table table({{"a"}, {"b"}});
  EXPECT_THROW(table.add({"1"}), std::invalid_argument);
}

TEST(Numbers, AreWrittenForPeople) {
  EXPECT_EQ(with_separators(7), "7");
  EXPECT_EQ(with_separators(999), "999");
  EXPECT_EQ(with_separators(1234567), "1,234,567");
  EXPECT_EQ(fixed(12.3456, 2), "12.35");
  EXPECT_EQ(signed_percent(0.0123, 2), "+1.23%");
  EXPECT_EQ(signed_percent(-0.5, 0), "-50%");
}

TEST(Wrapping, BreaksAWordThatIsLongerThanALine) {
  EXPECT_THAT(wrap("abcdefgh", 3), ::testing::ElementsAre("abc", "def", "gh"));
  EXPECT_THAT(wrap("ab cd ef", 5), ::testing::ElementsAre("ab cd", "ef"));
}

}  // namespace
}  // namespace stac::cli
