// Values of keys from literals, parameters and arrays: PostgreSQL's text form, or not known.
#include "proxy/session/key_text.h"

#include <gtest/gtest.h>

namespace pgward::proxy {
namespace {

using policy::KeyType;
using namespace std::string_view_literals;

struct Case {
  const char* name;
  KeyType type;
  std::uint32_t oid;
  bool binary;
  std::string_view value;
  std::optional<std::string> key;
};

class KeyOfParameter : public testing::TestWithParam<Case> {};
TEST_P(KeyOfParameter, IsTextFormOrUnknown) {
  EXPECT_EQ(key_of_parameter(GetParam().type, GetParam().oid, GetParam().binary, GetParam().value), GetParam().key);
}
INSTANTIATE_TEST_SUITE_P(, KeyOfParameter, testing::Values(
    Case{"plain", KeyType::int4, 0, false, "17", "17"},
    Case{"zeros", KeyType::int4, 23, false, " 0017 ", "17"},
    Case{"negative", KeyType::int8, 20, false, "-5", "-5"},
    Case{"decimal", KeyType::int4, 0, false, "17.0", std::nullopt},
    Case{"numeric", KeyType::int4, 1700, false, "17", std::nullopt},
    Case{"binary4", KeyType::int4, 0, true, "\0\0\0\x11"sv, "17"},
    Case{"binary8_to_4", KeyType::int4, 20, true, "\xff\xff\xff\xff\xff\xff\xff\xff"sv, "-1"},
    Case{"binary2", KeyType::int4, 21, true, "\xff\xfe"sv, "-2"},
    Case{"binary_of_no_size", KeyType::int4, 0, true, "\0\0\x11"sv, std::nullopt},
    Case{"binary_text", KeyType::int4, 25, true, "17", "17"},
    Case{"uuid", KeyType::uuid, 0, false, "{A0A0A0A0-0000-4000-8000-00000000000A}", "a0a0a0a0-0000-4000-8000-00000000000a"},
    Case{"uuid_binary", KeyType::uuid, 2950, true, "\xa0\xa0\xa0\xa0\0\0\x40\0\x80\0\0\0\0\0\0\x0a"sv, "a0a0a0a0-0000-4000-8000-00000000000a"},
    Case{"text", KeyType::text, 1043, true, "MRN 1 ", "MRN 1 "},
    Case{"char_cuts", KeyType::text, 18, false, "MRN", std::nullopt},
    Case{"bpchar_trims", KeyType::text, 1042, false, "MRN ", std::nullopt}),
    [](const auto& of) { return of.param.name; });

std::string joined(KeyType type, std::uint32_t oid, bool binary, std::string_view value) {
  std::vector<std::string> keys;
  if (!keys_of_array(type, oid, binary, value, keys)) return "?";
  std::string out;
  for (const std::string& key : keys) out += key + ";";
  return out;
}

TEST(KeysOfArray, TextAndBinary) {
  EXPECT_EQ(joined(KeyType::int4, 0, false, "{1,02,NULL}"), "1;2;");
  EXPECT_EQ(joined(KeyType::int4, 0, false, "{}"), "");
  EXPECT_EQ(joined(KeyType::text, 1009, false, "{a,\"b c\"}"), "a;b c;");
  for (const char* odd : {"{1", "1,2", "{{1},{2}}", "{a\\,b}", "{\"a,b\"}", "{1,}", "{ 1}", "[1:1]={1}"})
    EXPECT_EQ(joined(KeyType::text, 0, false, odd), "?") << odd;
  const std::string head("\0\0\0\1\0\0\0\1\0\0\0\x17\0\0\0\2\0\0\0\1", 20);
  const std::string two = head + std::string("\0\0\0\4\0\0\0\5\xff\xff\xff\xff", 12);
  EXPECT_EQ(joined(KeyType::int4, 1007, true, two), "5;");
  for (std::size_t cut = 0; cut < two.size(); ++cut) EXPECT_EQ(joined(KeyType::int4, 1007, true, two.substr(0, cut)), "?") << cut;
  EXPECT_EQ(joined(KeyType::int4, 1007, true, two + "x"), "?");
  EXPECT_EQ(joined(KeyType::int4, 1231, true, two), "?");
  EXPECT_EQ(joined(KeyType::int4, 0, true, std::string("\0\0\0\1\0\0\0\0\0\0\0\x17\x7f\xff\xff\xff\0\0\0\1", 20)), "?");
}

}  // namespace
}  // namespace pgward::proxy
