// Runs the case files of tests/rules/cases: what the server sends, what the client gets.
#include "rules/scrubber.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/rules/clinic_names.h"
#include "tests/support/source_dir.h"

namespace pgward::rules {

struct ScrubCase {
  std::string name, place;
  Fields in, out;
};

void PrintTo(const ScrubCase& test, std::ostream* out) {
  *out << test.place << " " << test.name;
}

namespace {

std::string with_breaks(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text.substr(i, 2) == "\\n";
    out += escape ? '\n' : text[i];
    i += escape ? 1 : 0;
  }
  return out;
}

std::vector<ScrubCase> read_cases() {
  std::vector<ScrubCase> cases;
  for (const auto& file : std::filesystem::directory_iterator{tests::source_dir() / "tests/rules/cases"}) {
    std::ifstream text{file.path()};
    std::string line;
    for (int number = 1; std::getline(text, line); ++number) {
      if (line.starts_with("== "))
        cases.push_back(
            {line.substr(3), file.path().filename().string() + ":" + std::to_string(number), {}, {}});
      else if (line.starts_with("in  "))
        cases.back().in.emplace_back(line.at(4), with_breaks(line.substr(6)));
      else if (line.starts_with("out "))
        cases.back().out.emplace_back(line.at(4), with_breaks(line.substr(6)));
    }
  }
  return cases;
}

// A case lists only what matters: the rest of its fields are as they were sent.
Fields expected(const ScrubCase& test, const Fields& got) {
  Fields out = test.out;
  for (const auto& [code, text] : test.in) {
    const bool said =
        std::any_of(out.begin(), out.end(), [&, c = code](const auto& field) { return field.first == c; });
    const bool arrived =
        std::any_of(got.begin(), got.end(), [&, c = code](const auto& field) { return field.first == c; });
    if (!said && (code == 'C' || (code == 'R' && arrived))) out.emplace_back(code, text);
  }
  if (std::none_of(out.begin(), out.end(), [](const auto& field) { return field.first == 'S'; }))
    out.emplace_back('S', "ERROR");
  return out;
}

class ScrubberTest : public testing::TestWithParam<ScrubCase> {
 protected:
  static const Scrubber& scrubber() {
    static const Scrubber scrubber;
    return scrubber;
  }
};

TEST_P(ScrubberTest, ClientGets) {
  const auto scrubbed = scrubber().scrub(GetParam().in, ClinicNames{});
  EXPECT_THAT(scrubbed.fields(), testing::UnorderedElementsAreArray(expected(GetParam(), scrubbed.fields())))
      << GetParam().place << ": " << GetParam().name;
}

TEST_P(ScrubberTest, NobodyMadeUpIsLeft) {
  for (const auto& [code, text] : scrubber().scrub(GetParam().in, ClinicNames{}).fields())
    for (std::string_view piece : {"uillon", "Vex", "955123"})
      EXPECT_EQ(text.find(piece), text.npos) << code << " " << text;
}

INSTANTIATE_TEST_SUITE_P(, ScrubberTest, testing::ValuesIn(read_cases()));

TEST(ScrubberOrderTest, FieldsStayInTheOrderTheyCame) {
  const Fields in{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "22012"}, {'M', "division by zero"},
                  {'P', "8"},     {'F', "int.c"}, {'L', "840"},   {'R', "int4div"}};
  const auto scrubbed = Scrubber{}.scrub(in, ClinicNames{});
  EXPECT_EQ(scrubbed.fields(), in);
  EXPECT_EQ(scrubbed.values_removed(), 0U);
}

// Long values, and what is said about them: no stack, no time beyond their length, and nothing left.
TEST(ScrubberLimitTest, LongAndDeepTexts) {
  const Scrubber scrubber;
  std::string keys = "Quillon", lines, quotes;
  for (int i = 0; i < 20'000; ++i) {
    keys = i < 200 ? "Key (mrn)=(" + keys + ") already exists." : keys;
    lines += "PL/pgSQL function find_one(text) line 3 at RAISE\nQuillon\n";
    quotes += "\"Quillon\" of relation ";
  }
  const std::string long_value(4'000'000, 'Q');
  for (const std::string& text : {keys, lines, quotes, long_value, "invalid input syntax for type integer: \"" + long_value + "\"",
                                  "column \"" + long_value + "uillon\" does not exist", std::string("a\0Quillon", 9)})
    for (const char* routine : {"int4in", "exec_stmt_raise"}) {
      const Fields in{{'S', "ERROR"}, {'C', "22P02"}, {'M', text}, {'D', text}, {'H', text}, {'W', text}, {'t', text}, {'R', routine}};
      for (const auto& [code, kept] : scrubber.scrub(in, ClinicNames{}).fields()) {
        EXPECT_EQ(kept.find("uillon"), kept.npos) << code;
        EXPECT_EQ(kept.find("QQQ"), kept.npos) << code;
      }
    }
}

TEST(ScrubberCountTest, CountsWhatItTookOut) {
  const Fields in{{'S', "ERROR"},
                  {'C', "22P02"},
                  {'M', "invalid input syntax for type integer: \"x\""},
                  {'q', "SELECT 1"}};
  EXPECT_EQ(Scrubber{}.scrub(in, ClinicNames{}).values_removed(), 2U);
}

}  // namespace
}  // namespace pgward::rules
