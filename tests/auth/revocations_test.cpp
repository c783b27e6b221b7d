// Which credentials a revocation file takes back, and what is not one.
#include <gtest/gtest.h>

#include "auth/revocations.h"
#include "auth/utc_time.h"

namespace pgward::auth {
namespace {

Bearer bearer() {
  Bearer made;
  made.issuer = "https://idp.test";
  made.subject = "nurse@example.test";
  made.credential_id = "jti-1";
  made.key_id = "k1";
  made.issued_at = *utc_time("2026-11-22T12:00:00Z");
  return made;
}
const Revocations::Tenant kTenant{{"clinic_id", "7"}, {"region", "north"}};

struct Line {
  const char* name;
  const char* text;
  bool revoked;
};
class RevokedTest : public testing::TestWithParam<Line> {};

TEST_P(RevokedTest, revoked) {
  const auto list = Revocations::parse(GetParam().text, 1);
  EXPECT_TRUE(list.complete());
  EXPECT_EQ(list.revoked(bearer(), kTenant), GetParam().revoked);
}
INSTANTIATE_TEST_SUITE_P(, RevokedTest, testing::Values(
    Line{"empty_file", "", false},
    Line{"blank_lines", "\n  \n\r\n", false},
    Line{"id", R"({"id":"jti-1"})", true},
    Line{"other_id", R"({"id":"jti-2"})", false},
    Line{"subject", R"({"subject":"nurse@example.test"})", true},
    Line{"subject_of_that_issuer", R"({"subject":"nurse@example.test","issuer":"https://idp.test"})", true},
    Line{"subject_of_another_issuer", R"({"subject":"nurse@example.test","issuer":"https://other.test"})", false},
    Line{"key", R"({"key":"k1"})", true},
    Line{"other_key", R"({"key":"k2"})", false},
    Line{"tenant", R"({"tenant":{"clinic_id":"7"}})", true},
    Line{"other_tenant", R"({"tenant":{"clinic_id":"8"}})", false},
    Line{"part_of_the_tenant_is_another", R"({"tenant":{"clinic_id":"7","region":"south"}})", false},
    Line{"issued_before", R"({"key":"k1","before":"2026-11-22T12:00:01Z"})", true},
    Line{"issued_in_that_second", R"({"key":"k1","before":"2026-11-22T12:00:00Z"})", true},
    Line{"issued_later", R"({"key":"k1","before":"2026-11-22T11:59:59Z"})", false},
    Line{"the_second_line", "{\"id\":\"x\"}\n{\"id\":\"jti-1\"}\n", true},
    Line{"windows_line_ends", "{\"id\":\"jti-1\"}\r\n", true},
    Line{"no_newline_at_the_end", "{\"id\":\"x\"}\n{\"id\":\"jti-1\"}", true}),
    [](const auto& one) { return one.param.name; });

TEST(Revocations, a_line_that_cannot_be_read_is_named_and_makes_the_list_incomplete) {
  for (const char* line : {"jti-2", "{", R"({"id":7})", R"({"id":""})", "{}", R"({"reason":"x"})", R"({"issuer":"i"})",
                           R"({"id":"a","id":"b"})", R"({"id":"a","unless":"b"})", R"({"id":"a","before":"tomorrow"})",
                           R"({"id":"a","before":"2026-02-31T00:00:00Z"})", R"({"tenant":{}})", R"({"tenant":{"a":[1]}})",
                           R"([{"id":"a"}])", R"({"before":"2026-11-22T12:00:00Z"})"}) {
    const auto list = Revocations::parse(std::string("{\"id\":\"jti-1\"}\n") + line + "\n{\"key\":\"k9\"}\n", 1);
    EXPECT_FALSE(list.complete()) << line;
    EXPECT_EQ(list.bad_line(), 2u) << line;
    EXPECT_TRUE(list.revoked(bearer(), kTenant)) << "those that can be read count: " << line;
    EXPECT_EQ(list.size(), 2u) << line;
  }
}

TEST(Revocations, a_line_that_is_too_long_is_none) {
  EXPECT_FALSE(parse_revocation("{\"id\":\"" + std::string(kRevocationLineBytesMax, 'x') + "\"}"));
}

TEST(Revocations, what_is_written_is_read) {
  Revocation one;
  one.subject = "o\"brien\\@example.test";
  one.issuer = "https://idp.test";
  one.tenant = {{"clinic_id", "7"}};
  one.before = *utc_time("2026-11-22T12:00:00Z");
  one.at = "2026-11-22T12:00:01Z";
  one.reason = "left the house";
  const std::string line = revocation_line(one);
  EXPECT_TRUE(line.ends_with('\n'));
  const auto back = parse_revocation(line.substr(0, line.size() - 1));
  ASSERT_TRUE(back);
  EXPECT_EQ(revocation_line(*back), line);
}

TEST(Revocations, a_list_whose_file_is_gone_still_counts) {
  const auto list = Revocations::parse("{\"id\":\"jti-1\"}\n", 1).without_file(2);
  EXPECT_FALSE(list.complete());
  EXPECT_EQ(list.version(), 2u);
  EXPECT_TRUE(list.revoked(bearer(), kTenant));
}

TEST(UtcTime, there_and_back) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2026-11-22T23:59:59Z", "2028-02-29T12:00:00Z", "9999-12-31T23:59:59Z"})
    EXPECT_EQ(utc_text(utc_time(text).value_or(-1)), text);
  for (const char* text : {"", "2026-11-22", "2026-11-22 12:00:00Z", "2026-11-22T12:00:00", "2026-11-22T24:00:00Z",
                           "2026-13-01T00:00:00Z", "2027-02-29T00:00:00Z", "2026-11-22T12:00:00+1", "1969-12-31T23:59:59Z"})
    EXPECT_FALSE(utc_time(text)) << text;
}

}  // namespace
}  // namespace pgward::auth
