#include "audit/line.h"

#include <gtest/gtest.h>

#include "audit/chain.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

std::string good_line() {
  std::string out;
  Chain chain;
  chain.log = "pgward-a/7";
  chain.next_seq = 42;
  chain.append(out, R"("type":"stmt.result","rows":3)", kNow);
  out.pop_back();
  return out;
}

TEST(Line, IsWrittenAndReadBack) {
  const std::string text = good_line();
  EXPECT_EQ(text, R"({"v":2,"log":"pgward-a/7","seq":42,"ts":"2025-11-22T04:45:00.123456Z",)"
                  R"("type":"stmt.result","rows":3,"prev":")" + std::string(kNoHash) + R"("})");
  const auto parsed = parse_whole_line(text);
  ASSERT_TRUE(std::holds_alternative<Line>(parsed));
  const Line& line = std::get<Line>(parsed);
  EXPECT_EQ(line.log, "pgward-a/7");
  EXPECT_EQ(line.start, 7u);
  EXPECT_EQ(line.seq, 42u);
  EXPECT_EQ(line.type, "stmt.result");
  EXPECT_EQ(line.members, R"("type":"stmt.result","rows":3)");
  EXPECT_EQ(line.prev, kNoHash);
}

struct FaultCase {
  const char* name;
  std::string_view replace, with;
  LineFault fault;
};
class LineRefused : public testing::TestWithParam<FaultCase> {};

TEST_P(LineRefused, ForThisReason) {
  std::string text = good_line();
  const std::size_t at = text.find(GetParam().replace);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, GetParam().replace.size(), GetParam().with);
  const auto parsed = parse_whole_line(text);
  ASSERT_TRUE(std::holds_alternative<LineFault>(parsed)) << text;
  EXPECT_EQ(text_of(std::get<LineFault>(parsed)), text_of(GetParam().fault));
}

INSTANTIATE_TEST_SUITE_P(, LineRefused, testing::Values(
    FaultCase{"other_version", "\"v\":2", "\"v\":1", LineFault::version},
    FaultCase{"space_in_front", "{", " {", LineFault::version},
    FaultCase{"order_of_members", "\"log\":\"pgward-a/7\",\"seq\":42", "\"seq\":42,\"log\":\"pgward-a/7\"", LineFault::log},
    FaultCase{"log_without_start", "pgward-a/7", "pgward-a", LineFault::log},
    FaultCase{"log_with_zero", "pgward-a/7", "pgward-a/0", LineFault::log},
    FaultCase{"log_with_quote", "pgward-a/7", "pgward\\\"/7", LineFault::log},
    FaultCase{"seq_zero", ":42", ":0", LineFault::seq},
    FaultCase{"seq_leading_zero", ":42", ":042", LineFault::seq},
    FaultCase{"seq_negative", ":42", ":-42", LineFault::seq},
    FaultCase{"seq_fraction", ":42", ":42.0", LineFault::ts},
    FaultCase{"seq_too_big", ":42", ":18446744073709551616", LineFault::seq},
    FaultCase{"seq_text", ":42", ":\"42\"", LineFault::seq},
    FaultCase{"seq_twice", "\"seq\":42,", "\"seq\":42,\"seq\":42,", LineFault::ts},
    FaultCase{"ts_form", "2025-11-22T", "2025-11-22 ", LineFault::ts},
    FaultCase{"ts_month", "2025-11", "2025-19", LineFault::ts},
    FaultCase{"type_not_first", "\"type\":\"stmt.result\",\"rows\":3", "\"rows\":3,\"type\":\"stmt.result\"", LineFault::type},
    FaultCase{"type_empty", "stmt.result", "", LineFault::type},
    FaultCase{"type_strange", "stmt.result", "Stmt", LineFault::type},
    FaultCase{"prev_short", "00\"}", "0\"}", LineFault::prev},
    FaultCase{"prev_upper_case", "00\"}", "0A\"}", LineFault::prev},
    FaultCase{"something_after_prev", "00\"}", "00\",\"x\":1}", LineFault::prev},
    FaultCase{"two_objects", "\"}", "\"}{}", LineFault::prev},
    FaultCase{"broken_value", "\"rows\":3", "\"rows\":03", LineFault::json},
    FaultCase{"unclosed", "\"rows\":3", "\"rows\":[3", LineFault::json},
    FaultCase{"prev_swallowed_by_a_string", "\"rows\":3", "\"rows\":\"3", LineFault::json},
    FaultCase{"invalid_utf8", "\"rows\":3", "\"rows\":\"\xff\"", LineFault::json},
    FaultCase{"control_character", "\"rows\":3", "\"rows\":\"\x01\"", LineFault::json}),
    [](const auto& row) { return row.param.name; });

// No prefix of a line is a line, so nothing torn passes for whole.
TEST(Line, NoPrefixIsALine) {
  const std::string text = good_line();
  for (std::size_t n = 0; n < text.size(); ++n)
    EXPECT_TRUE(std::holds_alternative<LineFault>(parse_whole_line(std::string_view(text).substr(0, n)))) << n;
}

TEST(Line, DeepNestingCostsNoStack) {
  std::string text = good_line();
  const std::size_t at = text.find("3,\"prev\"");
  text.replace(at, 1, std::string(500'000, '[') + std::string(500'000, ']'));
  EXPECT_TRUE(std::holds_alternative<Line>(parse_whole_line(text)));
}

TEST(Line, InstanceNames) {
  for (const char* name : {"pgward", "a", "A.b_c-9"}) EXPECT_TRUE(is_instance(name)) << name;
  for (const char* name : {"", "a/b", "a b", "\"", "caf\xc3\xa9"}) EXPECT_FALSE(is_instance(name)) << name;
  EXPECT_FALSE(is_instance(std::string(65, 'a')));
}

}  // namespace
}  // namespace pgward::audit
