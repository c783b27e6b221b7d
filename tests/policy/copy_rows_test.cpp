// COPY data in tables: what comes through, and what does not; at every way of cutting it.
#include "policy/copy_in/rows.h"

#include <gtest/gtest.h>

#include <random>

#include "copy_reference.h"

namespace pgward::policy {
namespace {

using namespace std::string_view_literals;

Policy policy_with(TenantType type) {
  Policy policy;
  policy.tenant.push_back({"t", "t", "app.t", type, {}});
  return policy;
}

TenantValues own(TenantType type, const std::string& value) {
  return std::get<TenantValues>(tenant_values(policy_with(type), {{"t", value}}));
}

// Three columns, the tenant's in the middle; the caller is 7.
CopyIn copy_of(CopyFormat format, std::size_t field = 1, TenantType type = TenantType::int4) {
  CopyIn copy;
  copy.format = format;
  copy.fields = 3;
  copy.tenant = {{field, "t", type}};
  if (format == CopyFormat::csv) {
    copy.delimiter = ',';
    copy.null_marker.clear();
  }
  return copy;
}

struct Outcome {
  std::string forwarded;
  std::optional<CopyFault> fault;
};

// `cut` bytes a piece; 0: all at once.
Outcome run(const CopyIn& copy, const TenantValues& tenant, std::string_view data, std::size_t cut,
            std::size_t held_max = kCopyHeldBytesMax) {
  CopyRows rows(copy, tenant, held_max);
  Outcome outcome;
  CopyRows::Ready ready;
  for (std::size_t at = 0; at < data.size() && !outcome.fault; at += cut == 0 ? data.size() : cut) {
    outcome.fault = rows.feed(data.substr(at, cut == 0 ? data.npos : cut), ready);
    if (!outcome.fault) outcome.forwarded.append(ready.held).append(ready.now);
  }
  if (!outcome.fault) outcome.fault = rows.finish(ready);
  if (!outcome.fault) outcome.forwarded.append(ready.held).append(ready.now);
  return outcome;
}

std::string word(const std::optional<CopyFault>& fault) {
  if (!fault) return "fine";
  if (*fault == CopyFault::foreign) return "foreign";
  return *fault == CopyFault::malformed ? "malformed" : "too large";
}

struct Case {
  std::string name;
  CopyIn copy;
  std::string_view data;
  std::string expected = "fine";
  std::string_view forwarded = {};  // none: all of it
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::string case_name(const testing::TestParamInfo<Case>& each) {
  return each.param.name;
}

class CopyRowsTest : public testing::TestWithParam<Case> {};

TEST_P(CopyRowsTest, CutAnywhere) {
  const Case& c = GetParam();
  const TenantType type = c.copy.tenant.empty() ? TenantType::int4 : c.copy.tenant[0].type;
  for (std::size_t cut = 0; cut < std::min<std::size_t>(c.data.size() + 1, 40); ++cut) {
    const Outcome outcome = run(c.copy, own(type, "7"), c.data, cut);
    ASSERT_EQ(word(outcome.fault), c.expected) << "pieces of " << cut;
    if (outcome.fault) continue;
    EXPECT_EQ(outcome.forwarded, c.forwarded.data() == nullptr ? c.data : c.forwarded) << "pieces of " << cut;
  }
}

CopyIn text(std::size_t field = 1) { return copy_of(CopyFormat::text, field); }
CopyIn text_of(TenantType type) { return copy_of(CopyFormat::text, 1, type); }
CopyIn csv(std::size_t field = 1) { return copy_of(CopyFormat::csv, field); }
CopyIn with(CopyIn copy, void (*change)(CopyIn&)) {
  change(copy);
  return copy;
}
void header(CopyIn& c) { c.header = true; }
void null_is_7(CopyIn& c) { c.null_marker = "7"; }
void default_is_7(CopyIn& c) { c.default_marker = "7"; }
void backslash_escape(CopyIn& c) { c.escape = '\\'; }
void pipe(CopyIn& c) { c.delimiter = '|'; }
void single_quote(CopyIn& c) { c.quote = c.escape = '\''; }
void since_18(CopyIn& c) { c.marker_ends_data = false; }
void unchecked(CopyIn& c) { c.tenant.clear(); }

INSTANTIATE_TEST_SUITE_P(
    Text, CopyRowsTest,
    testing::Values(
        Case{"nothing", text(), ""sv}, Case{"one", text(), "1\t7\tx\n"sv}, Case{"two", text(), "1\t7\tx\n2\t7\ty\n"sv},
        Case{"no_end_of_line", text(), "1\t7\tx\n2\t7\ty"sv}, Case{"cr", text(), "1\t7\tx\r2\t7\ty\r"sv},
        Case{"cr_lf", text(), "1\t7\tx\r\n2\t7\ty\r\n"sv}, Case{"tenant_first", text(0), "7\ta\tb\n"sv},
        Case{"tenant_last", text(2), "a\tb\t7\n"sv}, Case{"spelled_otherwise", text(), "1\t +007 \tx\n"sv},
        Case{"foreign", text(), "1\t8\tx\n"sv, "foreign"}, Case{"foreign_second", text(), "1\t7\tx\n2\t8\ty\n"sv, "foreign"},
        Case{"foreign_at_the_end", text(2), "1\tx\t7\n2\ty\t8"sv, "foreign"}, Case{"null", text(), "1\t\\N\tx\n"sv, "foreign"},
        Case{"empty", text(), "1\t\tx\n"sv, "foreign"}, Case{"not_a_number", text(), "1\tseven\tx\n"sv, "foreign"},
        Case{"too_few", text(2), "1\t7\n"sv, "malformed"}, Case{"empty_line", text(), "\n"sv, "malformed"},
        Case{"too_many_is_the_servers", text(), "1\t7\tx\ty\n"sv}, Case{"octal", text(), "1\t\\67\tx\n"sv},
        Case{"octal_high_bits", text(), "1\t\\467\tx\n"sv}, Case{"hex", text(), "1\t\\x37\tx\n"sv},
        Case{"letter_for_itself", text(), "1\t\\7\\t\tx\n"sv, "foreign"}, Case{"octal_foreign", text(), "1\t\\70\tx\n"sv, "foreign"},
        Case{"escaped_tab", text(), "1\t\\\t7\tx\n"sv}, Case{"escaped_tab_before", text(), "1\\\t8\t7\tx\n"sv},
        Case{"escaped_line_end", text(), "1\\\n8\t7\tx\n"sv}, Case{"escaped_backslash", text(), "1\\\\\t7\tx\n"sv},
        Case{"escaped_backslash_dot", text(), "\\\\.\t7\tx\n"sv}, Case{"null_marker", with(text(), null_is_7), "1\t7\tx\n"sv, "foreign"},
        Case{"default_marker", with(text(), default_is_7), "1\t7\tx\n"sv, "foreign"},
        Case{"default_marker_hidden", with(text(), default_is_7), "1\t\\67\tx\n"sv, "foreign"},
        Case{"nul", text(), "1\t7\tx\0\n"sv, "malformed"}, Case{"nul_in_tenant", text(), "1\t7\0\tx\n"sv, "malformed"},
        Case{"escaped_nul", text_of(TenantType::text), "1\t7\\0\tx\n"sv, "foreign"},
        Case{"invalid_utf8_elsewhere_is_the_servers", text(), "\377\t7\tx\n"sv},
        Case{"lf_then_cr", text(), "1\t7\tx\n2\t7\ty\r"sv, "malformed"}, Case{"cr_then_lf", text(), "1\t7\tx\r2\t7\ty\n"sv, "malformed"},
        Case{"cr_lf_then_cr", text(), "1\t7\tx\r\n2\t7\ty\rx"sv, "malformed"},
        Case{"cr_lf_then_lf", text(), "1\t7\tx\r\n2\t7\ty\n"sv, "malformed"},
        Case{"header", with(text(), header), "id\tt\tname\n1\t7\tx\n"sv}, Case{"header_only", with(text(), header), "8\t8\t8"sv},
        Case{"header_foreign_below", with(text(), header), "id\tt\tname\n1\t8\tx\n"sv, "foreign"},
        Case{"header_ends_at_its_line", with(text(), header), "1\r\n1\t8\tx\r\n"sv, "foreign"},
        Case{"other_delimiter", with(text(), pipe), "1|7|x\n"sv}, Case{"other_delimiter_foreign", with(text(), pipe), "7|8|7\n"sv, "foreign"},
        Case{"unchecked", with(text(), unchecked), "1\0\n8\\."sv}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Marker, CopyRowsTest,
    testing::Values(
        Case{"alone", text(), "\\.\n"sv}, Case{"at_the_end", text(), "1\t7\tx\n\\.\n"sv},
        Case{"with_cr_lf", text(), "1\t7\tx\r\n\\.\r\n"sv}, Case{"with_cr", text(), "1\t7\tx\r\\.\r"sv},
        Case{"what_follows_is_not_forwarded", text(), "1\t7\tx\n\\.\n1\t8\tx\n"sv, "fine", "1\t7\tx\n\\.\n"sv},
        Case{"other_line_end", text(), "1\t7\tx\n\\.\r"sv, "malformed"}, Case{"without_line_end", text(), "\\."sv, "malformed"},
        Case{"cut_cr_lf", text(), "1\t7\tx\r\n\\.\r"sv, "malformed"}, Case{"with_more", text(), "\\.x\n"sv, "malformed"},
        Case{"in_the_middle", text(2), "1\t7\t7\\.\n"sv, "malformed"}, Case{"after_escape", text(2), "1\t7\t\\\\7\\.\n"sv, "malformed"},
        Case{"lone_backslash", text(2), "1\t7\t7\\"sv, "malformed"}, Case{"csv", csv(), "1,7,x\n\\.\n1,8,x\n"sv, "fine", "1,7,x\n\\.\n"sv},
        Case{"csv_with_more", csv(), "\\.,7,x\n"sv}, Case{"csv_at_the_end", csv(), "1,7,x\n\\."sv, "malformed"},
        Case{"csv_in_quotes", csv(), "\"\\.\n\",7,x\n"sv}, Case{"csv_in_the_middle", csv(), "1,7,\\.\n"sv},
        Case{"csv_other_line_end", csv(), "1,7,x\r\n\\.\n"sv, "malformed"},
        Case{"csv_since_18", with(csv(), since_18), "1,7,x\n\\.\n1,8,x\n"sv, "malformed"},
        Case{"csv_since_18_data", with(csv(), since_18), "\\.,7,x\n1,8,x\n"sv, "foreign"},
        Case{"text_since_18", with(text(), since_18), "\\.\n1\t8\tx\n"sv, "fine", "\\.\n"sv}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Csv, CopyRowsTest,
    testing::Values(
        Case{"one", csv(), "1,7,x\n"sv}, Case{"quoted", csv(), "1,\"7\",x\n"sv}, Case{"half_quoted", csv(), "1,+\"7\",x\n"sv},
        Case{"foreign", csv(), "1,\"8\",x\n"sv, "foreign"}, Case{"null", csv(), "1,,x\n"sv, "foreign"},
        Case{"empty", csv(), "1,\"\",x\n"sv, "foreign"}, Case{"null_marker", with(csv(), null_is_7), "1,7,x\n"sv, "foreign"},
        Case{"force_null", with(csv(), null_is_7), "1,\"7\",x\n"sv, "foreign"}, Case{"line_end_in_quotes", csv(), "\"1\n8,8,\",7,x\n"sv},
        Case{"delimiter_in_quotes", csv(), "\"1,8\",7,x\n"sv}, Case{"quote_in_quotes", csv(), "\"1\"\",8\",7,x\n"sv},
        Case{"quote_leaves_quotes", csv(), "\"1\"\"\",8,7,x\n"sv, "foreign"}, Case{"backslash_is_nothing", csv(), "\"1\\\",7,8\n"sv},
        Case{"backslash_escape", with(csv(), backslash_escape), "\"1\\\",8\",7,x\n"sv},
        Case{"escaped_quote_at_the_end", with(csv(), backslash_escape), "\"\\\"\",7,x\n"sv},
        Case{"escape_before_delimiter", with(csv(), backslash_escape), "\"\\,\",7,x\n"sv},
        Case{"escape_before_line_end", with(csv(), backslash_escape), "\"\\\n\",7,x\n\"a\",8,x\n"sv, "foreign"},
        Case{"escaped_escape", with(csv(), backslash_escape), "\"1\\\\\",7,x\n"sv},
        Case{"escape_outside_quotes", with(csv(), backslash_escape), "\\,7,x\n"sv},
        Case{"escape_before_other", with(csv(), backslash_escape), "\"\\a\",\"7\",x\n"sv},
        Case{"escape_in_tenant", with(csv(), backslash_escape), "1,\"\\7\",x\n"sv, "foreign"},
        Case{"single_quotes", with(csv(), single_quote), "'1,\"',7,x\n"sv}, Case{"open_quote", csv(), "1,7,\"x\n"sv, "malformed"},
        Case{"cr_in_quotes", csv(), "\"1\r\",7,x\n"sv}, Case{"cr_outside", csv(), "1,7,x\n2,7,\ry\n"sv, "malformed"},
        Case{"header_with_line_end", with(csv(), header), "\"a\n8,8,8\n\",b\n1,7,x\n"sv},
        Case{"multi_byte", csv(), "\303\274,7,\342\202\254\n"sv}, Case{"too_few", csv(2), "1,7\n"sv, "malformed"}),
    case_name);

CopyIn binary(std::size_t field = 1) { return copy_of(CopyFormat::binary, field); }
#define HEAD "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define SEVEN "\0\0\0\4\0\0\0\7"
#define ONE "\0\0\0\1x"
#define NONE "\377\377\377\377"

INSTANTIATE_TEST_SUITE_P(
    Binary, CopyRowsTest,
    testing::Values(
        Case{"no_rows", binary(), HEAD "\377\377"sv}, Case{"no_trailer", binary(), HEAD ""sv},
        Case{"one", binary(), HEAD "\0\3" ONE SEVEN NONE "\377\377"sv}, Case{"tenant_last", binary(2), HEAD "\0\3" ONE NONE SEVEN "\377\377"sv},
        Case{"two", binary(0), HEAD "\0\3" SEVEN ONE ONE "\0\3" SEVEN ONE ONE ""sv},
        Case{"second_foreign", binary(0), HEAD "\0\3" SEVEN ONE ONE "\0\3\0\0\0\4\0\0\0\10" ONE ONE ""sv, "foreign"},
        Case{"null", binary(), HEAD "\0\3" ONE NONE ONE "\377\377"sv, "foreign"},
        Case{"other_width", binary(), HEAD "\0\3" ONE "\0\0\0\2\0\7" ONE "\377\377"sv, "foreign"},
        Case{"empty_field", binary(), HEAD "\0\3" ONE "\0\0\0\0" ONE "\377\377"sv, "foreign"},
        Case{"extension", binary(), "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\3abc\0\3" ONE SEVEN NONE "\377\377"sv},
        Case{"critical_flag", binary(), "PGCOPY\n\377\r\n\0\0\1\0\0\0\0\0\0\377\377"sv, "malformed"},
        Case{"other_flag", binary(), "PGCOPY\n\377\r\n\0\0\0\0\1\0\0\0\0\377\377"sv},
        Case{"negative_extension", binary(), "PGCOPY\n\377\r\n\0\0\0\0\0\377\0\0\0\377\377"sv, "malformed"},
        Case{"signature", binary(), "PGCOPY\n\377\r\r\0\0\0\0\0\0\0\0\0\377\377"sv, "malformed"},
        Case{"too_few", binary(), HEAD "\0\2" ONE SEVEN "\377\377"sv, "malformed"},
        Case{"too_many", binary(), HEAD "\0\4" ONE SEVEN ONE ONE "\377\377"sv, "malformed"},
        Case{"negative_count", binary(), HEAD "\377\376"sv, "malformed"},
        Case{"negative_length", binary(), HEAD "\0\3\377\377\377\376"sv, "malformed"},
        Case{"after_the_trailer", binary(), HEAD "\377\377\0"sv, "malformed"},
        Case{"cut_header", binary(), "PGCOPY\n\377\r\n\0\0\0"sv, "malformed"}, Case{"cut_count", binary(), HEAD "\0"sv, "malformed"},
        Case{"cut_field", binary(), HEAD "\0\3" ONE SEVEN "\0\0\0\2x"sv, "malformed"}),
    case_name);

TEST(CopyHoldTest, ARowIsHeldUntilItsTenantIsKnown) {
  CopyRows rows(text(2), own(TenantType::int4, "7"), 10);
  CopyRows::Ready ready;
  EXPECT_FALSE(rows.feed("a\tbc\t7", ready));
  EXPECT_EQ(ready.size(), 0u);
  EXPECT_EQ(rows.held_bytes(), 6u);
  EXPECT_FALSE(rows.feed("\nd", ready));
  EXPECT_EQ(std::string(ready.held) + std::string(ready.now), "a\tbc\t7\n");
  EXPECT_EQ(rows.held_bytes(), 1u);
  EXPECT_FALSE(rows.feed("123456789", ready));
  EXPECT_EQ(word(rows.feed("x", ready)), "too large");
}

TEST(CopyHoldTest, TheRestOfADecidedRowStreams) {
  for (const CopyFormat format : {CopyFormat::text, CopyFormat::csv}) {
    CopyRows rows(copy_of(format, 0), own(TenantType::int4, "7"), 10);
    CopyRows::Ready ready;
    EXPECT_FALSE(rows.feed(format == CopyFormat::text ? "7\t\t" : "7,,", ready));
    for (int i = 0; i < 100; ++i) {
      EXPECT_FALSE(rows.feed("a long value of any size", ready));
      EXPECT_EQ(ready.size(), 24u);
    }
    EXPECT_EQ(word(rows.feed(format == CopyFormat::text ? "\n8\t" : "\n8,", ready)), "foreign");
  }
}

TEST(CopyHoldTest, AnEndlessTenantFieldIsForeign) {
  CopyRows rows(text(0), own(TenantType::int4, "7"));
  CopyRows::Ready ready;
  std::optional<CopyFault> fault;
  for (int i = 0; i < 10'000 && !fault; ++i) fault = rows.feed("0", ready);
  EXPECT_EQ(word(fault), "foreign");
}

TEST(CopyHoldTest, EveryTenantFieldCounts) {
  CopyIn copy = text(0);
  copy.tenant.push_back({2, "t", TenantType::int4});
  EXPECT_EQ(word(run(copy, own(TenantType::int4, "7"), "7\tx\t7\n", 1).fault), "fine");
  EXPECT_EQ(word(run(copy, own(TenantType::int4, "7"), "7\tx\t8\n", 1).fault), "foreign");
  copy.tenant[1].attribute = "unknown";
  EXPECT_EQ(word(run(copy, own(TenantType::int4, "7"), "7\tx\t7\n", 1).fault), "foreign");
}

TEST(CopyOptionsTest, BytesThatLeaveDoubtAreNotScanned) {
  for (const char c : "aZ0.\\\r\n\200"sv) {
    CopyIn copy = text();
    copy.delimiter = c;
    EXPECT_FALSE(copy_options_scannable(copy)) << int{c};
  }
  CopyIn copy = csv();
  EXPECT_TRUE(copy_options_scannable(copy));
  copy.quote = ',';
  EXPECT_FALSE(copy_options_scannable(copy));
  copy = csv();
  copy.quote = '\\';
  EXPECT_FALSE(copy_options_scannable(copy));
  copy = csv();
  copy.escape = '\n';
  EXPECT_FALSE(copy_options_scannable(copy));
  copy.escape = '\\';
  EXPECT_TRUE(copy_options_scannable(copy));
}

// What is forwarded reads, slowly and as a whole, as rows of the caller only. And what is well formed and
// the caller's comes through.
TEST(CopyRandomTest, AgreesWithTheSlowReader) {
  std::mt19937 random(15);
  const auto pick = [&](std::string_view set) { return set[random() % set.size()]; };
  std::size_t passed = 0;
  std::size_t refused_for_nothing = 0;
  for (int round = 0; round < 200'000; ++round) {
    CopyIn copy = copy_of(random() % 2 != 0 ? CopyFormat::text : CopyFormat::csv, random() % 2, TenantType::text);
    copy.fields = 2;
    copy.header = random() % 8 == 0;
    copy.marker_ends_data = copy.format == CopyFormat::text || random() % 4 != 0;
    if (random() % 2 != 0) copy.delimiter = pick("|,;");
    if (random() % 2 != 0) copy.escape = pick("\\'\"");
    std::string data;
    const std::string_view alphabet = random() % 2 != 0 ? "7777|,\n\n\n\"\\"sv : "77\t|,\n\n\r\"\"\\\\.x6N'0a"sv;
    for (std::size_t i = random() % 16; i > 0; --i) data += random() % 3 == 0 ? copy.delimiter : pick(alphabet);
    const Outcome outcome = run(copy, own(TenantType::text, "7"), data, random() % 4);
    const auto rows = fixture::read_copy_slowly(copy, data);
    const auto is_own = [&](const fixture::CopyRow& row) {
      const std::size_t field = copy.tenant[0].field;
      return row.size() > field && row[field] == "7";
    };
    const bool all_own = rows && std::all_of(rows->begin(), rows->end(), is_own);
    if (!outcome.fault) {
      passed += rows && !rows->empty() ? 1 : 0;
      // A form that the server refuses may be forwarded, but only if no line of another was before it.
      ASSERT_TRUE(all_own || !rows) << testing::PrintToString(data);
      const auto again = fixture::read_copy_slowly(copy, outcome.forwarded);
      ASSERT_EQ(again, rows) << testing::PrintToString(data);
    } else if (all_own) {
      ++refused_for_nothing;
      // Only the oddities that are refused on purpose: the marker in the middle, a last backslash; a header
      // with an open quote.
      EXPECT_TRUE(data.find('\\') != data.npos || copy.header) << testing::PrintToString(data);
    }
  }
  EXPECT_GT(passed, 5'000u);
  EXPECT_LT(refused_for_nothing, passed / 2);
}

}  // namespace
}  // namespace pgward::policy
