// That each field of what clients send lands in the right place.
#include <gtest/gtest.h>

#include "protocol/bind.h"
#include "protocol/close.h"
#include "protocol/copy_fail.h"
#include "protocol/describe.h"
#include "protocol/execute.h"
#include "protocol/function_call.h"
#include "protocol/parse.h"
#include "protocol/password.h"
#include "protocol/query.h"
#include "protocol/sasl.h"

namespace pgward::protocol {
namespace {

using namespace std::literals;

TEST(ClientFieldsTest, Query) {
  EXPECT_EQ(decode_query("select 1\0"sv).value().sql, "select 1");
}

TEST(ClientFieldsTest, Parse) {
  const Parse parse = decode_parse("s1\0select $1\0\0\2\0\0\0\x17\0\0\x0b\x86"sv).value();
  EXPECT_EQ(parse.name, "s1");
  EXPECT_EQ(parse.sql, "select $1");
  EXPECT_EQ(parse.parameter_types, (std::vector<std::uint32_t>{23, 2950}));
}

TEST(ClientFieldsTest, Bind) {
  const Bind bind =
      decode_bind("p1\0s1\0\0\2\0\1\0\0\0\2\0\0\0\4\0\0\0\x2a\xff\xff\xff\xff\0\2\0\0\0\1"sv).value();
  EXPECT_EQ(bind.portal, "p1");
  EXPECT_EQ(bind.statement, "s1");
  EXPECT_EQ(bind.parameter_formats, (std::vector<std::int16_t>{1, 0}));
  EXPECT_EQ(bind.parameters, (std::vector<std::optional<ByteView>>{"\0\0\0\x2a"sv, std::nullopt}));
  EXPECT_EQ(bind.result_formats, (std::vector<std::int16_t>{0, 1}));
}

TEST(ClientFieldsTest, BindTellsNullFromEmpty) {
  const Bind bind = decode_bind("\0\0\0\0\0\2\0\0\0\0\xff\xff\xff\xff\0\0"sv).value();
  EXPECT_EQ(bind.parameters, (std::vector<std::optional<ByteView>>{""sv, std::nullopt}));
}

TEST(ClientFieldsTest, BindFormatOfParameter) {
  struct Row {
    std::vector<std::int16_t> formats;
    std::int16_t first, second;
  };
  for (const Row& row :
       {Row{{}, 0, 0}, Row{{1}, 1, 1}, Row{{0}, 0, 0}, Row{{1, 0}, 1, 0}, Row{{0, 1}, 0, 1}}) {
    Bind bind;
    bind.parameter_formats = row.formats;
    EXPECT_EQ(bind.format_of(0), row.first);
    EXPECT_EQ(bind.format_of(1), row.second);
  }
}

TEST(ClientFieldsTest, BindTakesAllParametersThereCanBe) {
  std::string body = "\0\0\0\0\xff\xff"s;
  for (int i = 0; i < 65535; ++i) body += "\0\0\0\1x"sv;
  body += "\0\0"sv;
  EXPECT_EQ(decode_bind(body).value().parameters.size(), 65535u);
}

TEST(ClientFieldsTest, DescribeAndClose) {
  const Describe describe = decode_describe("Ss1\0"sv).value();
  EXPECT_EQ(describe.kind, 'S');
  EXPECT_EQ(describe.name, "s1");
  const Close close = decode_close("Pp1\0"sv).value();
  EXPECT_EQ(close.kind, 'P');
  EXPECT_EQ(close.name, "p1");
}

TEST(ClientFieldsTest, Execute) {
  const Execute execute = decode_execute("p1\0\0\0\1\2"sv).value();
  EXPECT_EQ(execute.portal, "p1");
  EXPECT_EQ(execute.max_rows, 258);
  EXPECT_EQ(decode_execute("\0\xff\xff\xff\xff"sv).value().max_rows, -1);
}

TEST(ClientFieldsTest, FunctionCall) {
  const FunctionCall call =
      decode_function_call("\0\0\3\xb8\0\1\0\1\0\2\0\0\0\2xy\xff\xff\xff\xff\0\1"sv).value();
  EXPECT_EQ(call.function, 952u);
  EXPECT_EQ(call.arguments, (std::vector<std::optional<ByteView>>{"xy"sv, std::nullopt}));
  EXPECT_EQ(call.format_of(0), 1);
  EXPECT_EQ(call.format_of(1), 1);
  EXPECT_EQ(call.result_format, 1);
}

TEST(ClientFieldsTest, LogIn) {
  EXPECT_EQ(decode_password("secret\0"sv).value().password, "secret");
  const auto with_data = decode_sasl_initial("SCRAM-SHA-256\0\0\0\0\3n,,"sv).value();
  EXPECT_EQ(with_data.mechanism, "SCRAM-SHA-256");
  EXPECT_EQ(with_data.data, "n,,"sv);
  EXPECT_EQ(decode_sasl_initial("X\0\xff\xff\xff\xff"sv).value().data, std::nullopt);
}

TEST(ClientFieldsTest, CopyFail) {
  EXPECT_EQ(decode_copy_fail("gone\0"sv).value().reason, "gone");
}

TEST(ClientFieldsTest, ViewsLookIntoTheBody) {
  const std::string body = "s1\0select 1\0\0\0"s;
  const Parse parse = decode_parse(body).value();
  EXPECT_EQ(parse.name.data(), body.data());
  EXPECT_EQ(parse.sql.data(), body.data() + 3);
}

}  // namespace
}  // namespace pgward::protocol
