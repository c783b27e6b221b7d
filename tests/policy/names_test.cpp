#include "policy/names.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace pgward::policy {
namespace {

using namespace std::string_view_literals;

struct QuoteCase {
  const char* name;
  std::string_view text;
  const char* identifier;
  const char* literal;
};
class QuoteTest : public testing::TestWithParam<QuoteCase> {};

TEST_P(QuoteTest, GivesSql) {
  EXPECT_EQ(quote_identifier(GetParam().text), GetParam().identifier);
  EXPECT_EQ(quote_literal(GetParam().text), GetParam().literal);
}

INSTANTIATE_TEST_SUITE_P(
    , QuoteTest,
    testing::Values(QuoteCase{"plain", "patients", "patients", "'patients'"},
                    QuoteCase{"underscore_and_digits", "_t1", "_t1", "'_t1'"},
                    QuoteCase{"digit_first", "1t", "\"1t\"", "'1t'"},
                    QuoteCase{"capital", "PatientContact", "\"PatientContact\"", "'PatientContact'"},
                    QuoteCase{"space", "Clinic Id", "\"Clinic Id\"", "'Clinic Id'"},
                    QuoteCase{"dollar", "a$b", "\"a$b\"", "'a$b'"},
                    QuoteCase{"reserved_word", "select", "\"select\"", "'select'"},
                    QuoteCase{"column_name_word", "values", "\"values\"", "'values'"},
                    QuoteCase{"word_of_version_17", "json_table", "\"json_table\"", "'json_table'"},
                    QuoteCase{"unreserved_word", "name", "name", "'name'"},
                    QuoteCase{"double_quote", "a \"b\"", "\"a \"\"b\"\"\"", "'a \"b\"'"},
                    QuoteCase{"single_quote", "O'Hara", "\"O'Hara\"", "'O''Hara'"},
                    QuoteCase{"backslash", "a\\' OR 1=1", "\"a\\' OR 1=1\"", "'a\\'' OR 1=1'"},
                    QuoteCase{"accents", "caf\xc3\xa9", "\"caf\xc3\xa9\"", "'caf\xc3\xa9'"},
                    QuoteCase{"empty", "", "\"\"", "''"}),
    [](const auto& one) { return one.param.name; });

TEST(QuoteRefusalTest, RefusesWhatCouldEndTheTextEarly) {
  for (const std::string_view bad : {"a\0b"sv, "\xc3"sv, "\xff'"sv, "\xed\xa0\x80"sv}) {
    EXPECT_THROW(quote_literal(bad), std::invalid_argument);
    EXPECT_THROW(quote_identifier(bad), std::invalid_argument);
  }
}

TEST(RelationNameTest, QuotesEachPart) {
  EXPECT_EQ((RelationName{"public", "patients"}.sql()), "public.patients");
  EXPECT_EQ((RelationName{"Front Desk", "Check-In"}.sql()), "\"Front Desk\".\"Check-In\"");
  EXPECT_EQ((RelationName{"Front Desk", "Check-In"}.text()), "Front Desk.Check-In");
}

}  // namespace
}  // namespace pgward::policy
