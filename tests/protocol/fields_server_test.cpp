// That each field of what servers send lands in the right place.
#include <gtest/gtest.h>

#include "protocol/authentication.h"
#include "protocol/backend_key_data.h"
#include "protocol/copy_response.h"
#include "protocol/data_row.h"
#include "protocol/error_response.h"
#include "protocol/negotiate_protocol_version.h"
#include "protocol/notification.h"
#include "protocol/parameter_description.h"
#include "protocol/parameter_status.h"
#include "protocol/row_description.h"

namespace pgward::protocol {
namespace {

using namespace std::literals;

template <class Kind>
Kind authentication(ByteView body) {
  return std::get<Kind>(decode_authentication(body).value());
}

TEST(ServerFieldsTest, Authentication) {
  authentication<AuthenticationOk>("\0\0\0\0"sv);
  authentication<AuthenticationCleartextPassword>("\0\0\0\3"sv);
  EXPECT_EQ(authentication<AuthenticationMd5Password>("\0\0\0\5salt"sv).salt, "salt");
  EXPECT_EQ(authentication<AuthenticationSasl>("\0\0\0\x0a"
                                               "A\0"
                                               "B\0\0"sv)
                .mechanisms,
            (std::vector<ByteView>{"A", "B"}));
  EXPECT_EQ(authentication<AuthenticationSaslContinue>("\0\0\0\x0br=1"sv).data, "r=1");
  EXPECT_EQ(authentication<AuthenticationSaslFinal>("\0\0\0\x0cv=2"sv).data, "v=2");
  EXPECT_EQ(authentication<AuthenticationOther>("\0\0\0\x09"sv).kind, 9u);
}

TEST(ServerFieldsTest, BackendKeyData) {
  const auto data = decode_backend_key_data("\xff\0\0\1abcdefgh"sv).value();
  EXPECT_EQ(data.pid, 0xff000001u);
  EXPECT_EQ(data.key, "abcdefgh");
}

TEST(ServerFieldsTest, ErrorResponse) {
  const Fields fields = decode_fields("SERROR\0C42P01\0Mfirst\0Msecond\0\0"sv).value();
  EXPECT_EQ(fields, (Fields{{'S', "ERROR"}, {'C', "42P01"}, {'M', "first"}, {'M', "second"}}));
  EXPECT_EQ(field(fields, 'M'), "first");
  EXPECT_EQ(field(fields, 'D'), "");
}

TEST(ServerFieldsTest, ErrorResponseOfTooManyFields) {
  std::string body;
  for (std::size_t i = 0; i < kFieldsMax; ++i) body += "Mx\0"sv;
  EXPECT_EQ(decode_fields(body + "\0"s).value().size(), kFieldsMax);
  EXPECT_EQ(decode_fields(body + "Mx\0\0"s).error(), WireError::too_large);
}

TEST(ServerFieldsTest, ParameterStatus) {
  const auto status = decode_parameter_status("TimeZone\0UTC\0"sv).value();
  EXPECT_EQ(status.name, "TimeZone");
  EXPECT_EQ(status.value, "UTC");
}

TEST(ServerFieldsTest, Notification) {
  const auto notification = decode_notification("\0\0\0\7ch\0pay\0"sv).value();
  EXPECT_EQ(notification.pid, 7u);
  EXPECT_EQ(notification.channel, "ch");
  EXPECT_EQ(notification.payload, "pay");
}

TEST(ServerFieldsTest, NegotiateProtocolVersion) {
  const auto message = decode_negotiate_protocol_version("\0\3\0\2\0\0\0\1_pq_.x\0"sv).value();
  EXPECT_EQ(message.version, 3u << 16 | 2u);
  EXPECT_EQ(message.unknown_options, std::vector<ByteView>{"_pq_.x"});
}

TEST(ServerFieldsTest, RowDescription) {
  const auto message =
      decode_row_description("\0\1id\0\0\0\x40\1\0\3\0\0\0\x17\xff\xfe\xff\xff\xff\xff\0\1"sv).value();
  ASSERT_EQ(message.columns.size(), 1u);
  const ColumnDescription& column = message.columns[0];
  EXPECT_EQ(column.name, "id");
  EXPECT_EQ(column.table, 0x4001u);
  EXPECT_EQ(column.table_column, 3);
  EXPECT_EQ(column.type, 23u);
  EXPECT_EQ(column.type_size, -2);
  EXPECT_EQ(column.type_modifier, -1);
  EXPECT_EQ(column.format, 1);
}

TEST(ServerFieldsTest, DataRow) {
  struct Row {
    ByteView body;
    std::vector<std::optional<ByteView>> values;
  };
  for (const Row& row :
       {Row{"\0\0"sv, {}}, Row{"\0\1\xff\xff\xff\xff"sv, {std::nullopt}}, Row{"\0\1\0\0\0\0"sv, {""sv}},
        Row{"\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\1c"sv, {"ab"sv, std::nullopt, "c"sv}}}) {
    const auto decoded = decode_data_row(row.body).value();
    std::vector<std::optional<ByteView>> walked;
    for (std::optional<ByteView> value : decoded) walked.push_back(value);
    EXPECT_EQ(walked, row.values);
    EXPECT_EQ(decoded.column_count(), row.values.size());
  }
}

TEST(ServerFieldsTest, ParameterDescriptionAndCopyResponse) {
  EXPECT_EQ(decode_parameter_description("\0\2\0\0\0\x17\0\0\0\x19"sv).value().types,
            (std::vector<std::uint32_t>{23, 25}));
  const auto copy = decode_copy_response("\1\0\2\0\1\0\1"sv).value();
  EXPECT_EQ(copy.format, 1);
  EXPECT_EQ(copy.column_formats, (std::vector<std::int16_t>{1, 1}));
}

}  // namespace
}  // namespace pgward::protocol
