#include "auth/base64.h"

#include <gtest/gtest.h>

namespace pgward::auth {
namespace {

struct Case {
  const char* name;
  std::string bytes;
  const char* standard;
  const char* url;
};

class Base64 : public ::testing::TestWithParam<Case> {};

TEST_P(Base64, GoesBothWays) {
  const Case& row = GetParam();
  EXPECT_EQ(base64_encode(row.bytes), row.standard);
  EXPECT_EQ(base64url_encode(row.bytes), row.url);
  EXPECT_EQ(base64_decode(row.standard), row.bytes);
  EXPECT_EQ(base64url_decode(row.url), row.bytes);
}

// RFC 4648, section 10, and what tells the alphabets apart.
INSTANTIATE_TEST_SUITE_P(, Base64,
                         ::testing::Values(Case{"empty", "", "", ""}, Case{"f", "f", "Zg==", "Zg"},
                                           Case{"fo", "fo", "Zm8=", "Zm8"},
                                           Case{"foo", "foo", "Zm9v", "Zm9v"},
                                           Case{"foob", "foob", "Zm9vYg==", "Zm9vYg"},
                                           Case{"fooba", "fooba", "Zm9vYmE=", "Zm9vYmE"},
                                           Case{"foobar", "foobar", "Zm9vYmFy", "Zm9vYmFy"},
                                           Case{"last_digits", "\xfb\xff\xbe", "+/++", "-_--"},
                                           Case{"zeros", std::string(3, '\0'), "AAAA", "AAAA"}),
                         [](const auto& row) { return row.param.name; });

TEST(Base64Alone, RefusesAllButTheCanonicalText) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zm8", "Zh==", "Zm9=", "Zm=v", "-_--",
                           "Zm 9v", "Zm9v\n", " Zm9v", "Zm9vYg==Zm9v", "Zm9v===="})
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  for (const char* text :
       {"Z", "Zg==", "Zm8=", "Zh", "Zm9", "+/++", "Zm9v=", "Zm 9v", "Zm9v\n", "Zm9vY", "Z\xc3\xa9g"})
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  EXPECT_EQ(base64url_decode(std::string_view{"Zm9\0", 4}), std::nullopt);
}

}  // namespace
}  // namespace pgward::auth
