// A log that something other than a crash has changed is not written on.
#include <functional>

#include <gtest/gtest.h>

#include "scratch.h"

namespace pgward::audit {
namespace {

void replace_in(const std::filesystem::path& file, std::string_view what, std::string_view with) {
  std::string bytes = read_file(file);
  const std::size_t at = bytes.find(what);
  ASSERT_NE(at, std::string::npos);
  write_file(file, bytes.replace(at, what.size(), with));
}

std::string refusal(const LogConfig& config) {
  auto opened = Log::open(config, kNow);
  const auto* error = std::get_if<std::string>(&opened);
  return error != nullptr ? *error : "opened";
}

struct RefuseCase {
  const char* name;
  std::function<void(const std::filesystem::path&)> change;
  const char* says;
};
class Refused : public testing::TestWithParam<RefuseCase> {};

// 000001.jsonl: open, 1 to 6; 000002.jsonl: rotate, 7 to 9.
TEST_P(Refused, AtStart) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 1000;
  write_records(config, 1, 9);
  ASSERT_EQ(verify(scratch.path()).segments, 2u);
  GetParam().change(scratch.path());
  EXPECT_NE(refusal(config).find(GetParam().says), std::string::npos) << refusal(config);
}

using Path = const std::filesystem::path&;
INSTANTIATE_TEST_SUITE_P(, Refused, testing::Values(
    RefuseCase{"edited", [](Path d) { replace_in(d / "000002.jsonl", "\"n\":7", "\"n\":0"); }, "000002.jsonl:3: the hash of the line before"},
    RefuseCase{"deleted", [](Path d) {
      const auto lines = lines_of(read_file(d / "000002.jsonl"));
      write_file(d / "000002.jsonl", lines[0] + "\n" + lines[2] + "\n");
    }, "000002.jsonl:2: the sequence number"},
    RefuseCase{"no_record", [](Path d) { replace_in(d / "000002.jsonl", "\"seq\":9", "\"sex\":9"); }, "000002.jsonl:2: the sequence number is malformed"},
    RefuseCase{"last_is_not_json", [](Path d) { replace_in(d / "000002.jsonl", "\"n\":9", "\"n\":x"); }, "000002.jsonl:4: is not well-formed JSON"},
    RefuseCase{"rotate_edited", [](Path d) { replace_in(d / "000002.jsonl", "\"000001.jsonl\"", "\"000007.jsonl\""); }, "000002.jsonl:1: a segment must begin"},
    RefuseCase{"segment_missing", [](Path d) { std::filesystem::remove(d / "000001.jsonl"); }, "000001.jsonl: this segment of the log is missing"},
    RefuseCase{"not_a_file", [](Path d) {
      std::filesystem::remove(d / "000002.jsonl");
      std::filesystem::create_directory(d / "000002.jsonl");
    }, "000002.jsonl"},
    RefuseCase{"symbolic_link", [](Path d) {
      std::filesystem::rename(d / "000002.jsonl", d / "x");
      std::filesystem::create_symlink("x", d / "000002.jsonl");
    }, "000002.jsonl"}),
    [](const auto& row) { return row.param.name; });

TEST(RefusedOpen, SecondWriter) {
  Scratch scratch;
  const auto log = open_log(config_for(scratch.path()));
  EXPECT_NE(refusal(config_for(scratch.path())).find("another process is writing this log"), std::string::npos);
}

TEST(RefusedOpen, BadInstanceOrPlace) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.instance = "a\"b";
  EXPECT_NE(refusal(config).find("instance"), std::string::npos);
  write_file(scratch.path() / "file", "");
  EXPECT_NE(refusal(config_for(scratch.path() / "file")).find("Not a directory"), std::string::npos);
  EXPECT_NE(refusal(config_for(scratch.path() / "file" / "below")), "opened");
}

}  // namespace
}  // namespace pgward::audit
