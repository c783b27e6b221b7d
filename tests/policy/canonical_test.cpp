#include <gtest/gtest.h>

#include <ostream>

#include "policy/plan.h"

namespace pgward::policy {
namespace {

using namespace std::string_view_literals;

constexpr auto kNone = "<none>";

std::string shown(const std::optional<std::string>& value) {
  return value.value_or(kNone);
}

struct TextCase {
  TenantType type;
  std::string_view written;
  const char* canonical;
  friend void PrintTo(const TextCase& one, std::ostream* out) { *out << '"' << one.written << '"'; }
};
class CanonicalTest : public testing::TestWithParam<TextCase> {};

TEST_P(CanonicalTest, OneSpelling) {
  EXPECT_EQ(shown(canonical(GetParam().type, GetParam().written)), GetParam().canonical);
}

constexpr auto kUuid = "a0a0a0a0-0000-4000-8000-00000000000a";

INSTANTIATE_TEST_SUITE_P(
    Uuid, CanonicalTest,
    testing::Values(TextCase{TenantType::uuid, "a0a0a0a0-0000-4000-8000-00000000000a", kUuid},
                    TextCase{TenantType::uuid, "A0A0A0A0-0000-4000-8000-00000000000A", kUuid},
                    TextCase{TenantType::uuid, "{a0a0a0a0-0000-4000-8000-00000000000a}", kUuid},
                    TextCase{TenantType::uuid, "a0a0a0a00000400080000000000000 0a", kNone},
                    TextCase{TenantType::uuid,
                             "a0a0a0a0000040008000"
                             "00000000000a",
                             kUuid},
                    TextCase{TenantType::uuid, "a0a0-a0a0-0000-4000-8000-0000-0000-000a", kUuid},
                    TextCase{TenantType::uuid, "{a0a0a0a000004000-800000000000000a}", kUuid},
                    TextCase{TenantType::uuid, "{a0a0a0a0-0000-4000-8000-00000000000a", kNone},
                    TextCase{TenantType::uuid, "a0a0a0a0-0000-4000-8000-00000000000a}", kNone},
                    TextCase{TenantType::uuid, "{{a0a0a0a0-0000-4000-8000-00000000000a}}", kNone},
                    TextCase{TenantType::uuid, " a0a0a0a0-0000-4000-8000-00000000000a", kNone},
                    TextCase{TenantType::uuid,
                             "a0-a0a0a00000400080000000000000"
                             "0a",
                             kNone},
                    TextCase{TenantType::uuid, "a0a0a0a0-0000-4000-8000-00000000000a-", kNone},
                    TextCase{TenantType::uuid, "a0a0--a0a0-0000-4000-8000-00000000000a", kNone},
                    TextCase{TenantType::uuid, "a0a0a0a0-0000-4000-8000-00000000000g", kNone},
                    TextCase{TenantType::uuid, "a0a0a0a0-0000-4000-8000-00000000000", kNone},
                    TextCase{TenantType::uuid, "a0a0a0a0-0000-4000-8000-00000000000a\0"sv, kNone},
                    TextCase{TenantType::uuid, "{}", kNone}, TextCase{TenantType::uuid, "", kNone}));

INSTANTIATE_TEST_SUITE_P(
    Integer, CanonicalTest,
    testing::Values(TextCase{TenantType::int4, "101", "101"}, TextCase{TenantType::int4, " \t101\n", "101"},
                    TextCase{TenantType::int4, "+0101", "101"}, TextCase{TenantType::int4, "-0", "0"},
                    TextCase{TenantType::int4, "-007", "-7"}, TextCase{TenantType::int4, "+-7", kNone},
                    TextCase{TenantType::int4, "- 7", kNone}, TextCase{TenantType::int4, "", kNone},
                    TextCase{TenantType::int4, "1 1", kNone}, TextCase{TenantType::int4, "1.0", kNone},
                    TextCase{TenantType::int4, "1e2", kNone}, TextCase{TenantType::int4, "0x10", kNone},
                    TextCase{TenantType::int4, "1_000", kNone}, TextCase{TenantType::int4, "1\0"sv, kNone},
                    TextCase{TenantType::int4,
                             "\xc2\xa0"
                             "1",
                             kNone},
                    TextCase{TenantType::int2, "32767", "32767"}, TextCase{TenantType::int2, "32768", kNone},
                    TextCase{TenantType::int2, "-32768", "-32768"},
                    TextCase{TenantType::int4, "2147483647", "2147483647"},
                    TextCase{TenantType::int4, "2147483648", kNone},
                    TextCase{TenantType::int8, "-9223372036854775808", "-9223372036854775808"},
                    TextCase{TenantType::int8, "9223372036854775808", kNone},
                    TextCase{TenantType::int8, "99999999999999999999999999", kNone}));

INSTANTIATE_TEST_SUITE_P(Text, CanonicalTest,
                         testing::Values(TextCase{TenantType::text, "ORG-ALFA", "ORG-ALFA"},
                                         TextCase{TenantType::text, " ORG ", " ORG "},
                                         TextCase{TenantType::varchar, "O'Hara", "O'Hara"},
                                         TextCase{TenantType::text, "", ""},
                                         TextCase{TenantType::text, "a\0b"sv, kNone},
                                         TextCase{TenantType::text, "\xff", kNone}));

struct BinaryCase {
  const char* name;
  TenantType type;
  std::uint32_t oid;
  std::string_view bytes;
  const char* canonical;
};
class CanonicalBinaryTest : public testing::TestWithParam<BinaryCase> {};

TEST_P(CanonicalBinaryTest, OneSpelling) {
  EXPECT_EQ(shown(canonical_binary(GetParam().type, GetParam().oid, GetParam().bytes)), GetParam().canonical);
}

constexpr auto kUuidBytes = "\xa0\xa0\xa0\xa0\0\0\x40\0\x80\0\0\0\0\0\0\x0a"sv;

INSTANTIATE_TEST_SUITE_P(
    , CanonicalBinaryTest,
    testing::Values(
        BinaryCase{"uuid", TenantType::uuid, 2950, kUuidBytes, kUuid},
        BinaryCase{"uuid_unspecified", TenantType::uuid, 0, kUuidBytes, kUuid},
        BinaryCase{"uuid_unknown", TenantType::uuid, 705, kUuidBytes, kUuid},
        BinaryCase{"uuid_as_text", TenantType::uuid, 25, "A0A0A0A000004000800000000000000A", kUuid},
        BinaryCase{"uuid_short", TenantType::uuid, 2950, kUuidBytes.substr(1), kNone},
        BinaryCase{"uuid_as_bool", TenantType::uuid, 16, "\1"sv, kNone},
        BinaryCase{"uuid_bytes_called_text", TenantType::uuid, 25, kUuidBytes, kNone},
        BinaryCase{"int4", TenantType::int4, 23, "\0\0\0\x65"sv, "101"},
        BinaryCase{"int4_negative", TenantType::int4, 23, "\xff\xff\xff\xff"sv, "-1"},
        BinaryCase{"int4_unspecified", TenantType::int4, 0, "\0\0\0\x65"sv, "101"},
        BinaryCase{"int4_as_int8", TenantType::int4, 20, "\0\0\0\0\0\0\0\x65"sv, "101"},
        BinaryCase{"int4_as_int8_too_big", TenantType::int4, 20, "\0\0\0\1\0\0\0\x65"sv, kNone},
        BinaryCase{"int4_as_int2", TenantType::int4, 21, "\xff\xfe"sv, "-2"},
        BinaryCase{"int4_as_text", TenantType::int4, 25, " +101", "101"},
        BinaryCase{"int4_wrong_size", TenantType::int4, 23, "\0\0\x65"sv, kNone},
        BinaryCase{"int4_empty", TenantType::int4, 23, "", kNone},
        BinaryCase{"int8_lowest", TenantType::int8, 20, "\x80\0\0\0\0\0\0\0"sv, "-9223372036854775808"},
        BinaryCase{"int4_as_numeric", TenantType::int4, 1700, "\0\1\0\0\0\0\0\0\0\x65"sv, kNone},
        BinaryCase{"int4_as_uuid", TenantType::int4, 2950, kUuidBytes, kNone},
        BinaryCase{"text", TenantType::text, 25, "ORG-ALFA", "ORG-ALFA"},
        BinaryCase{"text_as_varchar", TenantType::text, 1043, "ORG-ALFA", "ORG-ALFA"},
        BinaryCase{"text_as_bpchar", TenantType::text, 1042, "ORG-ALFA", kNone},
        BinaryCase{"text_as_int4", TenantType::text, 23, "\0\0\0\x65"sv, kNone},
        BinaryCase{"text_not_utf8", TenantType::text, 0, "\xff", kNone}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pgward::policy
