#include "proxy/sinks/cursor.h"

#include <gmock/gmock.h>

#include <fstream>

#include "fake_log.h"

namespace pgward::proxy {
namespace {

using testing::HasSubstr;

TEST(Cursor, IsWhatWasWritten) {
  const Place place;
  const auto file = place.path / "x.cursor";
  EXPECT_EQ(std::get<0>(read_cursor(file)), std::nullopt);
  const Cursor written{18'446'744'073'709'551'614u, std::string(64, 'a'), 17};
  ASSERT_EQ(write_cursor(file, written), "");
  const auto read = std::get<0>(read_cursor(file));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seq, written.seq);
  EXPECT_EQ(read->hash, written.hash);
  EXPECT_EQ(read->from, written.from);
  EXPECT_NE(write_cursor(place.path / "none" / "x.cursor", written), "");
}

// A cursor that cannot be read must not begin anew by itself: that would deliver years.
TEST(Cursor, AnythingElseIsAnError) {
  const Place place;
  const auto file = place.path / "x.cursor";
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[1]"), std::string("{\"seq\":1,\"hash\":\"x\",\"from\":1}"), std::string("{\"seq\":-1,\"hash\":\"\",\"from\":1}"),
                                  std::string("{\"seq\":1,\"hash\":\"") + std::string(64, 'a') + "\",\"from\":3}", std::string("{\"seq\":0,\"from\":0}"), std::string("{\"seq\":0,\"hash\":\"\",\"from\":0")}) {
    std::ofstream(file, std::ios::trunc) << text;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto read = read_cursor(file);
    ASSERT_TRUE(std::holds_alternative<std::string>(read)) << text;
    EXPECT_THAT(std::get<std::string>(read), HasSubstr("is no cursor of a sink"));
  }
  std::filesystem::permissions(file, std::filesystem::perms::all);
  EXPECT_THAT(std::get<std::string>(read_cursor(file)), HasSubstr("nobody else"));
}

}  // namespace
}  // namespace pgward::proxy
