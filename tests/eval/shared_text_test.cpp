#include "eval/shared_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stac::eval {
namespace {

const std::string kPassage = "one two three four five six seven eight nine ten eleven twelve";

TEST(SharedText, IsFoundHoweverLinesAreBroken) {
  std::string broken = "before it all " + kPassage + " and after";
  for (std::size_t i = 5; i < broken.size(); i += 9) {
    if (broken[i] == ' ') broken.replace(i, 1, "\r\n  ");
  }
  EXPECT_TRUE(share_a_passage("Here: " + kPassage + ".", "x " + kPassage + ". y"));
  EXPECT_TRUE(share_a_passage(kPassage, broken));
  EXPECT_TRUE(share_a_passage(broken, kPassage));
}

TEST(SharedText, IsNotFoundInOtherWordsNorInAnotherOrder) {
  EXPECT_FALSE(share_a_passage(kPassage, "two one three four five six seven eight nine ten eleven twelve"));
  EXPECT_FALSE(share_a_passage(kPassage, kPassage.substr(4)));  // eleven words
  EXPECT_FALSE(share_a_passage(kPassage, ""));
  EXPECT_FALSE(share_a_passage("", kPassage));
}

}  // namespace
}  // namespace stac::eval
