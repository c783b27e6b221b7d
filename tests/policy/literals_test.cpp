// Which literals a text has, or that it has no shape; and that the library's own scanner sees the same ones.
#include <gtest/gtest.h>

#include "policy/literals.h"
#include "scanned.h"
#include "statements.h"

namespace pgward::policy {
namespace {

std::string text_of(std::string_view sql, const std::vector<Literal>& literals) {
  static constexpr const char* kNames[] = {"int4", "int8", "numeric", "decimal", "string"};
  std::string out;
  for (const Literal& literal : literals)
    out += (out.empty() ? "" : " ") + std::string(kNames[static_cast<std::size_t>(literal.kind)]) + ":" +
           std::string(sql.substr(literal.at, literal.size));
  return out;
}

struct LiteralsCase {
  const char* sql;
  const char* literals;  // null: no shape
};

const LiteralsCase kCases[] = {
    {"", ""},
    {"select a from b where c = d", ""},
    {"select 1", "int4:1"},
    {"select 1;", "int4:1"},
    {"select -1, - 2, 3-4", "int4:1 int4:2 int4:3 int4:4"},
    {"select 2147483647, 2147483648", "int4:2147483647 int8:2147483648"},
    {"select 9223372036854775807, 9223372036854775808", "int8:9223372036854775807 numeric:9223372036854775808"},
    {"select 0000000000000000000000007", "int4:0000000000000000000000007"},
    {"select 00000000002147483648", "int8:00000000002147483648"},
    {"select 1.5, 10.25", "decimal:1.5 decimal:10.25"},
    {"select 'a', '', 'it''s'", "string:'a' string:'' string:'it''s'"},
    {"select '\xc3\xa9'", "string:'\xc3\xa9'"},
    {"select '\\'", "string:'\\'"},
    {"select 'a--b', '/* c', '$$d'", "string:'a--b' string:'/* c' string:'$$d'"},
    {"select t1.c2, a$1, _3", ""},
    {"select \"a1\", \"b\"\"2\" , \"it's\", 4", "int4:4"},
    {"select $1, $23 , 4", "int4:4"},
    {"select $1::int4 = 5", "int4:5"},
    {"select a -- 1 'x\n, 2", "int4:2"},
    {"select a /* 1 ' */, 2", "int4:2"},
    {"select a /**/ , /***/ 2", "int4:2"},
    {"select 1+-- 5\n2", "int4:1 int4:2"},
    {"select 1*/* 5 */2", "int4:1 int4:2"},
    {"select x[1:2], (3,4)", "int4:1 int4:2 int4:3 int4:4"},
    {"select '1'::int4, interval '2' day", "string:'1' string:'2'"},
    {"select a_1, in_2 from t where b in(1,2)", "int4:1 int4:2"},
    {"select U & 'x'", "string:'x'"},
    // no shape
    {"select 'a' 'b'", nullptr},
    {"select 'a'\n'b'", nullptr},
    {"select 'a' -- c\n 'b'", nullptr},
    {"select 'a' /* c */ 'b'", nullptr},
    {"select E'a'", nullptr},
    {"select e'a\\'b'", nullptr},
    {"select B'1', 1", nullptr},
    {"select x'1f'", nullptr},
    {"select N'a'", nullptr},
    {"select U&'a'", nullptr},
    {"select u&\"a\"", nullptr},
    {"select $$a$$", nullptr},
    {"select $a$1$a$", nullptr},
    {"select $1a", nullptr},
    {"select $1$2", nullptr},
    {"select $1.5", nullptr},
    {"select $", nullptr},
    {"select 1a", nullptr},
    {"select 1_000", nullptr},
    {"select 0x1f", nullptr},
    {"select 1e9", nullptr},
    {"select 1.5e9", nullptr},
    {"select .5", nullptr},
    {"select 1.", nullptr},
    {"select 1..2", nullptr},
    {"select 1.5.2", nullptr},
    {"select a.5", nullptr},
    {"select 1'a'", nullptr},
    {"select 1\"a\"", nullptr},
    {"select 'a'1", nullptr},
    {"select 'a'b", nullptr},
    {"select 1$1", nullptr},
    {"select 'a", nullptr},
    {"select \"a", nullptr},
    {"select /* a", nullptr},
    {"select /* a /* b */ */ 1", nullptr},
    {"select /*/*/ 1", nullptr},
    {"select caf\xc3\xa9, 1", nullptr},
    {"select '\xc3'", nullptr},
    {"select '\xed\xa0\x80'", nullptr},
    {"\\d 1", nullptr},
    {"select {1}", nullptr},
    {"select 1\v", nullptr},
};

TEST(LiteralsTest, FindsThemOrGivesUp) {
  for (const LiteralsCase& each : kCases) {
    SCOPED_TRACE(each.sql);
    std::vector<Literal> found;
    const bool shape = find_literals(each.sql, found);
    EXPECT_EQ(shape, each.literals != nullptr);
    if (!shape || each.literals == nullptr) continue;
    EXPECT_EQ(text_of(each.sql, found), each.literals);
  }
}

TEST(LiteralsTest, GivesUpOnZeroBytesAndOnWhatIsLarge) {
  std::vector<Literal> found;
  EXPECT_FALSE(find_literals(std::string_view("select '\0'", 10), found));
  EXPECT_FALSE(find_literals(std::string_view("select \0 1", 10), found));
  EXPECT_FALSE(find_literals("select '" + std::string(300000, 'x') + "'", found));
  std::string many = "select 1";
  for (int i = 0; i < 17000; ++i) many += ",1";
  EXPECT_FALSE(find_literals(many, found));
}

// Every text of the case files, of the table and of the corpus: where there is a shape, its literals are those of
// the library's scanner, no more and no fewer.
TEST(LiteralsTest, AgreeWithTheLibrarysScanner) {
  std::vector<std::string> texts = tests::statements();
  for (const LiteralsCase& each : kCases) texts.emplace_back(each.sql);
  std::size_t compared = 0;
  for (const std::string& sql : texts) {
    std::vector<Literal> found;
    if (!find_literals(sql, found)) continue;
    const auto theirs = tests::scanned_literals(sql);
    if (!theirs) continue;  // the scanner takes no such text, whatever its literals
    ++compared;
    std::vector<std::pair<std::size_t, std::size_t>> ours;
    for (const Literal& literal : found) ours.emplace_back(literal.at, literal.end());
    EXPECT_EQ(ours, *theirs) << sql;
  }
  EXPECT_GT(compared, 300u);
}

TEST(LiteralsTest, PlacesMoveWithTheLiteralsInFrontOfThem) {
  std::vector<Literal> planned;
  std::vector<Literal> here;
  const std::string_view a = "select 1, 'b' , 3";
  const std::string_view b = "select 1000, '' , 33";
  ASSERT_TRUE(find_literals(a, planned) && find_literals(b, here));
  Places places(planned, &here);
  for (const auto& [in_a, in_b] : {std::pair{"1,", "1000,"}, {", '", ", '"}, {"'b'", "''"}, {" , 3", " , 3"}, {"3", "33"}})
    EXPECT_EQ(places.of(a.find(in_a)), b.find(in_b)) << in_a;
  EXPECT_EQ(places.of(a.size()), b.size());
  Places same(planned, nullptr);
  EXPECT_EQ(same.of(9), 9u);
}

}  // namespace
}  // namespace pgward::policy
