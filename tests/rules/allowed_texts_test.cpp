// Texts that a policy lets through: its own words stay, what stands for a value never does.
#include "rules/allowed_texts.h"

#include <gtest/gtest.h>

#include "rules/scrubber.h"
#include "tests/rules/clinic_names.h"

namespace pgward::rules {
namespace {

struct AllowedCase {
  std::string name, format, raised, shown;  // shown empty: not this text
};

void PrintTo(const AllowedCase& one, std::ostream* out) { *out << one.name; }

class AllowedTextTest : public testing::TestWithParam<AllowedCase> {};

TEST_P(AllowedTextTest, Keeps) {
  AllowedTexts texts;
  texts.add(GetParam().format, "", "here");
  ASSERT_FALSE(texts.empty());
  const auto kept = texts.keep("P0001", GetParam().raised);
  EXPECT_EQ(kept ? kept->text : "", GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    , AllowedTextTest,
    testing::Values(
        AllowedCase{"constant", "visit is closed", "visit is closed", "visit is closed"},
        AllowedCase{"constant_and_more", "visit is closed", "visit is closed: Quillon", ""},
        AllowedCase{"constant_and_less", "visit is closed", "visit is close", ""},
        AllowedCase{"constant_in_capitals", "visit is closed", "Visit is closed", ""},
        AllowedCase{"one_value", "bed % is taken", "bed 12 is taken", "bed [removed] is taken"},
        AllowedCase{"value_at_the_end", "no patient %", "no patient Adalyn Quillon\nborn 1970", "no patient [removed]"},
        AllowedCase{"value_in_front", "% is unknown", "Quillon is unknown", "[removed] is unknown"},
        AllowedCase{"value_that_is_empty", "bed % is taken", "bed  is taken", "bed  is taken"},
        AllowedCase{"value_that_ends_the_text_twice", "bed % is taken", "bed 12 is taken is taken", "bed [removed] is taken"},
        AllowedCase{"values_that_swap", "% of % is full", "a of b of c is full", "[removed] of [removed] is full"},
        AllowedCase{"percent", "over 100%% of %", "over 100% of x", "over 100% of [removed]"},
        AllowedCase{"braces", "set {data} of %", "set {data} of x", "set {data} of [removed]"},
        AllowedCase{"backslash", "path C:\\new %", "path C:\\new x", "path C:\\new [removed]"},
        AllowedCase{"other_script", "Пациент % занят", "Пациент Иванов занят", "Пациент [removed] занят"},
        AllowedCase{"nothing_of_it", "bed % is taken", "ward 12 is full", ""}),
    [](const auto& one) { return one.param.name; });

TEST(AllowedTextsTest, MostWordsComeFirst) {
  AllowedTexts texts;
  texts.add("%: refused by the ward", "", "loose");
  texts.add("bed %: refused by the ward", "", "tight");
  EXPECT_EQ(texts.keep("P0001", "bed 1: refused by the ward")->name, "tight");
  EXPECT_EQ(texts.keep("P0001", "room: refused by the ward")->name, "loose");
}

TEST(AllowedTextsTest, OnlyWithItsSqlstate) {
  AllowedTexts texts;
  texts.add("visit is closed", "HC001", "here");
  EXPECT_FALSE(texts.keep("P0001", "visit is closed"));
  EXPECT_TRUE(texts.keep("HC001", "visit is closed"));
  EXPECT_TRUE(texts.keep("?", "visit is closed"));
}

TEST(AllowedTextsTest, ATextWithoutWordsIsNone) {
  for (const std::string_view format : {"%", "", "% - %", "a% %b", "%: %", "value: %%%"}) {
    const bool fine = format == "value: %%%";  // "value: " and a percent sign, and a value
    EXPECT_EQ(AllowedTexts::mistake(format).empty(), fine) << format;
    AllowedTexts texts;
    texts.add(format, "", "here");
    EXPECT_EQ(texts.empty(), !fine) << format;
  }
  EXPECT_FALSE(AllowedTexts::mistake(std::string(1001, 'a')).empty());
  std::string many = "word";
  for (int i = 0; i < 17; ++i) many += " %";
  EXPECT_FALSE(AllowedTexts::mistake(many).empty());
}

// What the whole message becomes: RAISE fills every field with anything.
TEST(AllowedTextsTest, EachFieldOfARaiseIsAskedForItself) {
  AllowedTexts texts;
  texts.add("bed % is taken", "", "a");
  texts.add("Ask the ward.", "", "b");
  const Scrubber scrubber;
  const auto scrub = [&](std::string_view message, std::string_view detail, std::string_view hint) {
    std::string all;
    for (const auto& [code, text] : scrubber.scrub({{'S', "ERROR"}, {'V', "ERROR"}, {'C', "P0001"}, {'M', std::string(message)},
                                                    {'D', std::string(detail)}, {'H', std::string(hint)}, {'R', "exec_stmt_raise"}},
                                                   ClinicNames{}, &texts).fields())
      if (code == 'M' || code == 'D' || code == 'H') all.append(1, code).append("=").append(text).append(";");
    return all;
  };
  EXPECT_EQ(scrub("bed 7 is taken", "by Quillon", "Ask the ward."), "M=bed [removed] is taken;H=Ask the ward.;");
  EXPECT_EQ(scrub("Quillon is here", "bed 7 is taken", "Ask Quillon."), "M=raise exception;D=bed [removed] is taken;");
  // a text of the server's, imitated: no template of the server applies to what somebody raised
  EXPECT_EQ(scrub("bed 7 is taken", "Key (mrn)=(Quillon) already exists.", ""), "M=bed [removed] is taken;");
}

// A message of the server itself is its template's, whatever a policy allows.
TEST(AllowedTextsTest, TheServersOwnTextsAreNotAffected) {
  AllowedTexts texts;
  texts.add("invalid input syntax for type integer: \"%\" please", "", "a");
  texts.add("division by zero of %", "", "b");
  const Fields in{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "22012"}, {'M', "division by zero"}, {'R', "int4div"}};
  EXPECT_EQ(Scrubber{}.scrub(in, ClinicNames{}, &texts).fields(), in);
}

}  // namespace
}  // namespace pgward::rules
