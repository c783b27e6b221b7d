#include "protocol/frame.h"

#include <gtest/gtest.h>

#include "tests/protocol/decode_case.h"

namespace pgward::protocol {
namespace {

using namespace std::literals;

TEST(PeekFrameTest, NeedsFiveBytes) {
  const auto bytes = "Q\0\0\1\4rest"sv;
  for (std::size_t size = 0; size < 5; ++size) EXPECT_FALSE(peek_frame(bytes.substr(0, size)));
  const auto header = peek_frame(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, 'Q');
  EXPECT_EQ(header->length, 260u);
  EXPECT_EQ(header->body_bytes(), 256u);
  EXPECT_EQ(header->frame_bytes(), 261u);
  EXPECT_TRUE(header->sound());
}

TEST(PeekFrameTest, TellsSoundLengths) {
  struct Row {
    std::uint32_t length;
    bool sound;
  };
  for (const Row& row :
       {Row{0, false}, Row{3, false}, Row{4, true}, Row{0x3fffffff, true}, Row{0x40000000, false},
        Row{0x7fffffff, false}, Row{0x80000000, false}, Row{0xffffffff, false}})
    EXPECT_EQ((FrameHeader{'Q', row.length}.sound()), row.sound) << row.length;
}

TEST(ClientLengthMaxTest, FollowsTheServer) {
  for (char type : "QFBPd"sv) EXPECT_EQ(client_length_max(type), 0x3ffffffeu) << type;
  for (char type : "XCDEHScf"sv) EXPECT_EQ(client_length_max(type), 10000u) << type;
  for (char type : "pAKRTZ\0\x16q"sv) EXPECT_EQ(client_length_max(type), 0u) << type;
}

// What a reader answers to bytes that come in pieces of `piece` each.
std::vector<std::string> cut(ByteView bytes, std::size_t piece, Shape shape, std::size_t bytes_max) {
  std::vector<std::string> answers;
  FrameReader reader{bytes_max};
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    for (;;) {
      const auto frame = reader.next(shape);
      if (!frame) {
        answers.emplace_back(to_text(frame.error()));
        return answers;
      }
      if (!*frame) break;
      answers.push_back(std::string(1, (**frame).type) + "|" + std::string((**frame).body));
      EXPECT_TRUE((**frame).all.ends_with((**frame).body));
    }
  }
  return answers;
}

struct FrameCase {
  std::string_view name;
  Shape shape;
  std::string_view bytes;
  std::vector<std::string> answers;
  std::size_t bytes_max = 100;
};

std::ostream& operator<<(std::ostream& out, const FrameCase& row) {
  return out << row.name;
}

class FrameReaderTest : public testing::TestWithParam<FrameCase> {};

TEST_P(FrameReaderTest, AnswersTheSameHoweverItIsFed) {
  const FrameCase& row = GetParam();
  for (std::size_t piece = 1; piece <= row.bytes.size(); ++piece)
    EXPECT_EQ(cut(row.bytes, piece, row.shape, row.bytes_max), row.answers) << "pieces of " << piece;
}

using enum Shape;
// clang-format off
INSTANTIATE_TEST_SUITE_P(Streams, FrameReaderTest, testing::Values(
    FrameCase{"two_frames",      typed,   "Q\0\0\0\6ab"  "S\0\0\0\4"sv,     {"Q|ab", "S|"}},
    FrameCase{"one_and_a_bit",   typed,   "S\0\0\0\4" "Q\0\0\0\6a"sv,       {"S|"}},
    FrameCase{"length_zero",     typed,   "Q\0\0\0\0"sv,                    {"bad_value"}},
    FrameCase{"length_three",    typed,   "S\0\0\0\4" "Q\0\0\0\3"sv,        {"S|", "bad_value"}},
    FrameCase{"length_negative", typed,   "Q\xff\xff\xff\xff"sv,            {"too_large"}},
    FrameCase{"just_fits",       typed,   "Q\0\0\0\5x"sv,                   {"Q|x"},       6},
    FrameCase{"too_long",        typed,   "Q\0\0\0\6xy"sv,                  {"too_large"}, 6},
    FrameCase{"above_any_server", typed,  "Q\x40\0\0\0"sv,                  {"too_large"}, SIZE_MAX},
    FrameCase{"startup",         startup, "\0\0\0\x08\x04\xd2\x16\x2f"sv,   {"\0|\x04\xd2\x16\x2f"s}},
    FrameCase{"startup_short",   startup, "\0\0\0\3"sv,                     {"bad_value"}},
    FrameCase{"startup_long",    startup, "\0\0\x27\x15"sv,                 {"too_large"}, 1000000},
    FrameCase{"tls_hello",       startup, "\x16\3\1\0\5hello"sv,            {"too_large"}, 1000000}),
    [](const auto& row) { return std::string(row.param.name); });
// clang-format on

TEST(FrameReaderTest, ShapeMayChangeBetweenFrames) {
  FrameReader reader{100};
  reader.feed("\0\0\0\x09\0\3\0\0\0Q\0\0\0\5\0"sv);
  EXPECT_EQ(reader.next(startup)->value().body, "\0\3\0\0\0"sv);
  EXPECT_EQ(reader.buffered(), 6u);
  EXPECT_EQ(reader.unread(), "Q\0\0\0\5\0"sv);
  EXPECT_EQ(reader.next(typed)->value().all, "Q\0\0\0\5\0"sv);
  EXPECT_EQ(reader.buffered(), 0u);
}

TEST(FrameReaderTest, AnErrorStaysAndHoardsNothing) {
  FrameReader reader{100};
  reader.feed("Q\0\0\0\0"sv);
  EXPECT_EQ(reader.next(typed).error(), WireError::bad_value);
  reader.feed("S\0\0\0\4"sv);
  EXPECT_EQ(reader.next(typed).error(), WireError::bad_value);
  EXPECT_EQ(reader.buffered(), 5u);
}

// Linear however the bytes are dealt out: a big frame byte by byte, and many small ones of which some
// always wait.
TEST(FrameReaderTest, TakesLinearTime) {
  std::string big = "d\0\x0f\x42\x44"s;
  big.append(1000000, 'x');
  EXPECT_EQ(cut(big, 1, typed, 2000000).size(), 1u);

  FrameReader lagging{100};
  std::size_t frames = 0;
  for (int i = 0; i < 200000; ++i) {
    lagging.feed("S\0\0\0\4S\0\0\0\4"sv);
    frames += lagging.next(typed)->has_value();
  }
  EXPECT_EQ(frames, 200000u);
}

}  // namespace
}  // namespace pgward::protocol
