#include <gtest/gtest.h>

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {
namespace {

using namespace std::literals;

TEST(ReaderTest, ReadsBigEndian) {
  Reader in{"\1\xff\xfe\x80\0\0\1\xff\xff\xff\xff\xff\xfe"sv};
  EXPECT_EQ(in.u8(), 1u);
  EXPECT_EQ(in.u16(), 0xfffeu);
  EXPECT_EQ(in.u32(), 0x80000001u);
  EXPECT_EQ(in.i32(), -1);
  EXPECT_EQ(in.i16(), -2);
  EXPECT_EQ(in.left(), 0u);
  EXPECT_TRUE(in.finish(true));
}

TEST(ReaderTest, AfterAFailureNothingIsTaken) {
  Reader in{"abc"sv};
  EXPECT_EQ(in.u32(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0u);
  EXPECT_EQ(in.cstring(), "");
  EXPECT_EQ(in.bytes(1), "");
  EXPECT_EQ(in.rest(), "");
  EXPECT_EQ(in.sized_value(), std::nullopt);
  EXPECT_EQ(in.left(), 3u);
  in.fail(WireError::bad_value);  // the first failure stays
  EXPECT_EQ(in.finish(0).error(), WireError::truncated);
}

TEST(ReaderTest, AskingForMoreThanThereCanBeIsTruncated) {
  Reader in{"abc"sv};
  EXPECT_EQ(in.bytes(SIZE_MAX), "");
  EXPECT_FALSE(in.ok());
}

TEST(ReaderTest, ValueOfAFailureIsABrokenPromise) {
  EXPECT_THROW(Reader{"x"sv}.finish(0).value(), std::logic_error);
}

TEST(WriterTest, AppendsAndPatchesTheLength) {
  Bytes out = "before";
  Writer message{out};
  message.begin('X');
  message.u8(1);
  message.u16(0x0203);
  message.u32(0x04050607);
  message.cstring("hi");
  message.sized_bytes("yo");
  message.count16(3);
  message.bytes("raw");
  EXPECT_TRUE(message.end());
  EXPECT_EQ(out, "beforeX\0\0\0\x19\1\2\3\4\5\6\7hi\0\0\0\0\2yo\0\3raw"sv);
}

TEST(WriterTest, OneWriterMayBuildSeveral) {
  Bytes out;
  Writer message{out};
  message.begin('A');
  message.cstring("a\0b"sv);
  EXPECT_FALSE(message.end());
  message.begin('B');
  EXPECT_TRUE(message.end());
  message.begin_startup();
  message.u8(7);
  EXPECT_TRUE(message.end());
  EXPECT_EQ(out, "B\0\0\0\4\0\0\0\5\7"sv);
}

TEST(WriterTest, WithdrawsWhatCannotBeSaid) {
  struct Row {
    std::string_view name;
    std::function<void(Writer&)> write;
    bool sent;
  };
  for (const Row& row : {
           Row{"zero byte inside", [](Writer& w) { w.cstring("a\0b"sv); }, false},
           Row{"zero byte at the end", [](Writer& w) { w.cstring("a\0"sv); }, false},
           Row{"count too big", [](Writer& w) { w.count16(65536); }, false},
           Row{"biggest count", [](Writer& w) { w.count16(65535); }, true},
           Row{"by hand", [](Writer& w) { w.withdraw(); }, false},
       }) {
    Bytes out = "before";
    Writer message{out};
    message.begin('X');
    row.write(message);
    EXPECT_EQ(message.end(), row.sent) << row.name;
    EXPECT_EQ(out == "before", !row.sent) << row.name;
  }
}

}  // namespace
}  // namespace pgward::protocol
