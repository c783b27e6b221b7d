#include "audit/read.h"

#include <gtest/gtest.h>

#include "scratch.h"

namespace pgward::audit {
namespace {

class Read : public testing::Test {
 protected:
  void SetUp() override {
    LogConfig config = config_for(scratch_.path());
    config.segment_bytes = 800;
    write_records(config, 1, 12);
  }
  Scratch scratch_;
};

TEST_F(Read, TheLastLinesAcrossSegments) {
  const auto all = all_lines(scratch_.path());
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{7}, all.size(), all.size() + 5}) {
    const LastLines last = last_lines(scratch_.path(), count);
    EXPECT_EQ(last.error, "");
    const std::size_t expected = std::min(count, all.size());
    EXPECT_EQ(last.lines, std::vector<std::string>(all.end() - static_cast<std::ptrdiff_t>(expected), all.end()));
  }
}

TEST_F(Read, StopsWhenToldTo) {
  std::uint64_t seen = 0;
  EXPECT_EQ(for_each_line(scratch_.path(), [&](const StoredLine& line) { return ++seen, line.line < 3; }), "");
  EXPECT_EQ(seen, 3u);
}

TEST_F(Read, ARunningOrTornLogIsReadToItsLastWholeLine) {
  const auto all = all_lines(scratch_.path());
  const auto last_file = scratch_.path() / "000004.jsonl";
  for (const std::string& tail : {std::string(100, '\0'), std::string("{\"v\":2"), std::string("{\"v\":2\0\0", 9)}) {
    write_file(last_file, read_file(last_file) + tail);
    EXPECT_EQ(all_lines(scratch_.path()), all);
  }
}

TEST_F(Read, ABrokenLineWithinTheLogIsAnError) {
  const auto file = scratch_.path() / "000002.jsonl";
  write_file(file, read_file(file) + "{\"v\":2");
  const std::string error = for_each_line(scratch_.path(), [](const StoredLine&) { return true; });
  EXPECT_NE(error.find("000002.jsonl:"), std::string::npos) << error;
  EXPECT_NE(last_lines(scratch_.path(), 100).error, "");
  EXPECT_EQ(last_lines(scratch_.path(), 1).error, "") << "it does not look that far";
}

TEST(ReadNothing, IsAnError) {
  Scratch scratch;
  EXPECT_NE(last_lines(scratch.path(), 1).error, "");
  EXPECT_NE(last_lines(scratch.path() / "none", 1).error, "");
}

}  // namespace
}  // namespace pgward::audit
