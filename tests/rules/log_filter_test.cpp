// Runs the case files of tests/rules/log_cases: lines that go in ("< ") and what comes out ("> ") for each.
// An empty line ends a log; the next one begins with a fresh filter. "#" is a comment. \t and \r are the
// bytes they look like.
#include "rules/log/log_filter.h"

#include <gmock/gmock.h>
#include <re2/re2.h>

#include <filesystem>
#include <fstream>

#include "tests/support/source_dir.h"

namespace pgward::rules {

struct LogCase {
  std::string place;
  std::vector<std::string> in, out;
};

void PrintTo(const LogCase& test, std::ostream* out) {
  *out << test.place;
}

namespace {

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto two = text.substr(i, 2);
    const bool escape = two == "\\t" || two == "\\r";
    out += two == "\\t" ? '\t' : two == "\\r" ? '\r' : text[i];
    i += escape ? 1 : 0;
  }
  return out;
}

std::vector<LogCase> read_cases() {
  std::vector<LogCase> cases;
  for (const auto& file :
       std::filesystem::directory_iterator{tests::source_dir() / "tests/rules/log_cases"}) {
    std::ifstream text{file.path()};
    std::string line;
    bool open = false;
    for (int number = 1; std::getline(text, line); ++number) {
      if (line.starts_with('#')) continue;
      if (line.empty()) open = false;
      if (line.size() < 2) continue;
      if (!open) cases.push_back({file.path().filename().string() + ":" + std::to_string(number), {}, {}});
      open = true;
      (line[0] == '<' ? cases.back().in : cases.back().out)
          .push_back(unescaped(std::string_view{line}.substr(2)));
    }
  }
  return cases;
}

const LogBooks& books() {
  static const LogBooks books{[] {
    std::vector<RuleMistake> mistakes;
    auto rules = shipped_log_rules(mistakes);
    EXPECT_TRUE(mistakes.empty());
    rules->add_name("intakes");
    rules->add_allowed_text("ward % is closed by Dr. Quillon's team for %", "", "here");
    rules->add_key("pet_name", "name");
    return rules;
  }()};
  return books;
}

std::string filtered(std::string_view line) {
  LogFilter filter{books()};
  std::string out;
  filter.line(line, out);
  return out;
}

class LogFilterCases : public testing::TestWithParam<LogCase> {};

TEST_P(LogFilterCases, gives_what_the_file_says) {
  LogFilter filter{books()};
  ASSERT_EQ(GetParam().in.size(), GetParam().out.size());
  for (std::size_t i = 0; i < GetParam().in.size(); ++i) {
    std::string out;
    filter.line(GetParam().in[i], out);
    EXPECT_EQ(out, GetParam().out[i]);
  }
}

// What was met before (words, statements, messages) is remembered: it must come out as at first sight, in any company.
TEST(RememberingTest, a_line_comes_out_the_same_the_fourth_time) {
  LogFilter warm{books()};
  auto cases = read_cases();
  // of a csvlog that is open in the middle of an entry every line is a part
  std::erase_if(cases, [](const LogCase& test) { return test.place.starts_with("csvlog"); });
  std::string ignored;
  for (int round = 0; round < 3; ++round)
    for (const auto& test : cases)
      for (const auto& line : test.in) warm.line(line, ignored);
  for (const auto& test : cases) {
    warm.line("2026-11-22 10:00:02 UTC [1] LOG:  checkpoint starting: time", ignored);  // ends what is open
    LogFilter fresh{books()};
    fresh.line("2026-11-22 10:00:02 UTC [1] LOG:  checkpoint starting: time", ignored);
    for (const auto& line : test.in) {
      std::string first, again;
      fresh.line(line, first);
      warm.line(line, again);
      EXPECT_EQ(again, first) << test.place;
    }
  }
}

// An entry of a csvlog was cut, and lines of other logs come behind it: whatever they are taken for, names go.
TEST(CutCsvTest, lines_of_other_logs_do_not_pass_as_its_fields) {
  const std::string entry =
      "2026-11-22 04:57:54.729 UTC,\"app\",\"ehr\",8284,\"[local]\",6b0325e0.205c,7,\"SELECT\",2026-11-22 04:57:54 UTC,3/12,0,ERROR,22P02,"
      "\"invalid input syntax for type integer: \"\"Quillon\"\"\",,,,,,\"SELECT 'Quillon'\",8,,\"psql\",\"client backend\",,0";
  for (std::size_t cut = 1; cut <= entry.size(); ++cut) {
    LogFilter filter{books()};
    std::string out;
    filter.line(entry.substr(0, cut), out);
    for (const char* line : {"x ERROR:  invalid input syntax for type date: \"Adalyn Quillon\" at character 27",
                             "x DETAIL:  Failing row contains (1, Adalyn Quillon).", "\tAdalyn Quillon\", Adalyn Quillon",
                             "x ERROR:  column \"Quillon\" does not exist at character 8"}) {
      out += '\n';
      filter.line(line, out);
    }
    EXPECT_EQ(out.find("Quillon"), out.npos) << cut << "\n" << out;
  }
  EXPECT_EQ(filtered(entry), "2026-11-22 04:57:54.729 UTC,\"app\",\"ehr\",8284,\"[local]\",6b0325e0.205c,7,\"SELECT\",2026-11-22 04:57:54 UTC,3/12,0,"
                             "ERROR,22P02,\"invalid input syntax for type integer: \"\"[TEXT]\"\"\",,,,,,\"SELECT '[TEXT]'\",8,,\"psql\",\"client backend\",,0");
}

TEST(RememberingTest, a_statement_that_leaves_something_open_is_read_anew) {
  LogFilter filter{books()};
  const std::string open = "x LOG:  execute a: SELECT $1, 'Adalyn", rest = "\tQuillon'";
  std::string out;
  for (int i = 0; i < 4; ++i) {
    filter.line(open, out);
    filter.line(rest, out);
    filter.line("x LOG:  execute a: SELECT $1 FROM intakes LIMIT", out);
    filter.line("\t10 + 20", out);
  }
  EXPECT_EQ(out.find("Adalyn"), out.npos);
  EXPECT_EQ(out.find("Quillon"), out.npos);
  const auto quarter = out.size() / 4;
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(out.substr(i * quarter, quarter), out.substr(0, quarter));
}

INSTANTIATE_TEST_SUITE_P(, LogFilterCases, testing::ValuesIn(read_cases()), [](const auto& test) {
  std::string name = test.param.place;
  for (char& c : name)
    if (c == '.' || c == ':') c = '_';
  return name;
});

// What a shipped rule says of itself holds, and its pattern compiles.
TEST(ShippedLogRules, pass_their_own_tests) {
  for (const auto& rule : books().rules().patterns()) {
    EXPECT_EQ(rule->mistake(), "") << rule->name;
    for (const RuleTest& test : rule->tests)
      EXPECT_EQ(filtered(test.text), test.expected) << rule->name << ":" << test.line;
  }
}

// Whatever bytes come: one line comes out, no crash, and what a rule made of a line holds for every cut of
// it.
TEST(LogFilterRobustness, takes_every_cut_of_every_case) {
  for (const LogCase& test : read_cases()) {
    LogFilter filter{books()};
    for (const std::string& line : test.in) {
      for (std::size_t i = 0; i <= line.size(); ++i) {
        for (const auto part : {std::string_view{line}.substr(0, i), std::string_view{line}.substr(i)}) {
          std::string out;
          filter.line(part, out);
          EXPECT_EQ(out.find('\n'), out.npos);
        }
      }
    }
  }
}

TEST(LogFilterRobustness, takes_any_byte) {
  LogFilter filter{books()};
  std::string out, every;
  for (int c = 0; c < 256; ++c)
    if (c != '\n') every += static_cast<char>(c);
  filter.line(every, out);
  for (std::string_view front : {"LOG:  statement: ", "{\"a\":\"", "PID|",
                                 "ERROR:  ", "2026-11-22 04:57:54.729 UTC,\"a\",\"b\",1,\"c\",d,1,\""})
    filter.line(std::string{front}.append(every), out);
  EXPECT_EQ(out.find('\n'), out.npos);
}

TEST(LogFilterRobustness, bounds_nested_text) {
  LogFilter filter{books()};
  for (std::string_view piece : {"{\"a\":", "[{\"b\":[", "{\"a\":\"{\\\"a\\\":", "/*",
                                 "ERROR:  ERROR:  ", "update select ", "\"a\": \"", "Error: Error: "}) {
    std::string deep, out;
    while (deep.size() < 200000) deep += piece;
    filter.line(deep, out);
    filter.line("LOG:  statement: " + deep, out);
    filter.line("{\"error_severity\":\"ERROR\",\"message\":\"" + deep, out);
  }
}

// Many objects on a line are read in one go: a megabyte of them in well under the test's time.
TEST(LogFilterRobustness, is_linear_in_objects_of_a_line) {
  LogFilter filter{books()};
  std::string many, out;
  while (many.size() < 2'000'000) many += "{\"a\":{\"b\":[1,\"x\\\"y\"]}} ";
  filter.line(many, out);
  EXPECT_EQ(out, many);
}

TEST(LogFilterPseudonyms, are_equal_for_equal_values_and_differ_by_key) {
  const Pseudonyms first{"0123456789abcdef"}, second{"fedcba9876543210"};
  const auto with = [&](const Pseudonyms& pseudonyms, std::string_view line) {
    LogFilter filter{books(), {&pseudonyms, nullptr}};
    std::string out;
    filter.line(line, out);
    return out;
  };
  const auto once = with(first, "login of 912-45-6789");
  EXPECT_THAT(once, testing::MatchesRegex("login of \\[SSN:[0-9a-f]{12}\\]"));
  EXPECT_EQ(with(first, "login of 912-45-6789"), once);
  EXPECT_NE(with(second, "login of 912-45-6789"), once);
  EXPECT_NE(with(first, "login of 912-45-6788"), once);
}

struct Told : RemovalWatcher {
  std::vector<std::string> all;
  void removed(std::string_view rule, std::string_view kind, std::size_t begin, std::size_t end) override {
    all.push_back(std::string{rule} + " " + std::string{kind} + " " + std::to_string(begin) + "-" +
                  std::to_string(end));
  }
};

TEST(LogFilterWatcher, is_told_the_place_and_the_rule) {
  Told told;
  LogFilter filter{books(), {nullptr, &told}};
  std::string out;
  filter.line("ssn 912-45-6789, to a.b@example.org", out);
  EXPECT_THAT(told.all, testing::ElementsAre("ssn ssn 4-15", "email email 20-35"));
}

TEST(LogFilterLongLines, says_how_much_was_removed) {
  LogFilter filter{books()};
  std::string out;
  filter.line("LOG:  checkpoint", out, 4711, 0);
  EXPECT_EQ(out, "LOG:  checkpoint[4711 BYTES REMOVED]");
}

struct Mistaken {
  const char* name;
  const char* yaml;
  const char* expected;
};

class RuleFileMistakes : public testing::TestWithParam<Mistaken> {};

TEST_P(RuleFileMistakes, are_told_with_their_place) {
  std::vector<RuleMistake> mistakes;
  auto rules = shipped_log_rules(mistakes);
  mistakes = rules->load(GetParam().yaml, "own.yaml");
  ASSERT_FALSE(mistakes.empty());
  EXPECT_EQ(mistakes.front().shown(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    , RuleFileMistakes,
    testing::Values(Mistaken{"no_version", "keys: {name: a}", "own.yaml:1:1: 'version: 1' is missing"},
                    Mistaken{"pattern", "version: 1\nrules:\n  - name: a\n    kind: b\n    pattern: '('\n",
                             "own.yaml:5:14: the pattern cannot be used: missing ): ("},
                    Mistaken{"empty_match", "version: 1\nrules:\n  - {name: a, kind: b, pattern: 'x*'}\n",
                             "own.yaml:3:33: the pattern cannot be used: it matches the empty text"},
                    Mistaken{"part", "version: 1\nrules:\n  - {name: a, kind: b, pattern: x, sort: c}\n",
                             "own.yaml:3:42: unknown part 'sort'; there are name, kind, pattern, needs, "
                             "validator, before, within, unless_before, tests"},
                    Mistaken{"yaml", "version: [", "own.yaml:1:1: end of sequence flow not found"}),
    [](const auto& test) { return std::string{test.param.name}; });

}  // namespace
}  // namespace pgward::rules
