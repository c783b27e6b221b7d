#include "protocol/command_complete.h"

#include <gtest/gtest.h>

namespace pgward::protocol {
namespace {

using namespace std::literals;

struct TagCase {
  std::string_view tag;
  std::string_view verb;
  std::uint64_t rows = 0;
  bool has_rows = false;
};

TEST(CommandCompleteTest, TellsVerbFromRows) {
  for (const TagCase& row : {
           TagCase{"SELECT 3", "SELECT", 3, true},
           TagCase{"SELECT 0", "SELECT", 0, true},
           TagCase{"INSERT 0 5", "INSERT", 5, true},
           TagCase{"INSERT 16384 1", "INSERT", 1, true},  // an OID, before PostgreSQL 12
           TagCase{"UPDATE 18446744073709551615", "UPDATE", 18446744073709551615u, true},
           TagCase{"DELETE 7", "DELETE", 7, true},
           TagCase{"MERGE 2", "MERGE", 2, true},
           TagCase{"FETCH 1", "FETCH", 1, true},
           TagCase{"MOVE 12", "MOVE", 12, true},
           TagCase{"COPY 100", "COPY", 100, true},
           TagCase{"COPY", "COPY"},
           TagCase{"BEGIN", "BEGIN"},
           TagCase{"DISCARD ALL", "DISCARD ALL"},
           TagCase{"CREATE TABLE", "CREATE TABLE"},
           TagCase{"REFRESH MATERIALIZED VIEW", "REFRESH MATERIALIZED VIEW"},
           TagCase{"SELECT -1", "SELECT -1"},
           TagCase{"SELECT ", "SELECT "},
       }) {
    const std::string body = std::string(row.tag) + '\0';
    const auto tag = decode_command_complete(body);
    ASSERT_TRUE(tag) << row.tag;
    EXPECT_EQ(tag->verb, row.verb);
    EXPECT_EQ(tag->rows, row.rows) << row.tag;
    EXPECT_EQ(tag->has_rows, row.has_rows) << row.tag;
  }
}

TEST(CommandCompleteTest, RefusesTagsThatSayNothing) {
  struct Row {
    std::string_view body;
    WireError error;
  };
  for (const Row& row : {
           Row{"\0"sv, WireError::bad_value},
           Row{" \0"sv, WireError::bad_value},
           Row{"5\0"sv, WireError::bad_value},
           Row{"0 5\0"sv, WireError::bad_value},
           Row{"SELECT 18446744073709551616\0"sv, WireError::bad_value},
           Row{"SELECT 1"sv, WireError::truncated},
           Row{"SELECT 1\0 2"sv, WireError::trailing_bytes},
       }) {
    EXPECT_EQ(decode_command_complete(row.body).error(), row.error);
  }
}

}  // namespace
}  // namespace pgward::protocol
