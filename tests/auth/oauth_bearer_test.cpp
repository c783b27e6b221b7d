// The client's message of OAUTHBEARER.
#include "auth/oauth_bearer.h"

#include <gtest/gtest.h>

#include "auth/strict_json.h"

namespace pgward::auth {
namespace {

using namespace std::string_literals;

// What stands for the separator in rows.
std::string with_separators(std::string text) {
  for (char& c : text)
    if (c == '|') c = '\x01';
  return text;
}

TEST(OAuthBearer, a_token_is_found) {
  for (const char* text : {"n,,|auth=Bearer eyJ.a.b||", "y,,|auth=bearer eyJ.a.b||", "n,,|auth=BEARER  eyJ.a.b||",
                           "n,,|host=db.test|port=5432|auth=Bearer eyJ.a.b||", "n,,|auth=Bearer eyJ.a.b|host=x||"}) {
    const std::string message = with_separators(text);
    const auto found = parse_oauth_bearer(message);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(found->token, "eyJ.a.b") << text;
  }
}

TEST(OAuthBearer, an_empty_one_asks_where_to_get_it) {
  const std::string message = with_separators("n,,|auth=||");
  ASSERT_TRUE(parse_oauth_bearer(message));
  EXPECT_EQ(parse_oauth_bearer(message)->token, "");
}

class BadMessageTest : public testing::TestWithParam<const char*> {};
TEST_P(BadMessageTest, is_refused) { EXPECT_FALSE(parse_oauth_bearer(with_separators(GetParam()))); }
INSTANTIATE_TEST_SUITE_P(, BadMessageTest, testing::Values(
    "", "n", "n,,", "n,,|", "n,,||", "n,,|auth=Bearer eyJ", "n,,|auth=Bearer eyJ|", "n,,|auth=Bearer eyJ||x", "n,,auth=Bearer eyJ||",
    "n,a=root,|auth=Bearer eyJ||", "p=tls-unique,,|auth=Bearer eyJ||", "x,,|auth=Bearer eyJ||", "n,,|auth=Basic eyJ||",
    "n,,|auth=Bearer||", "n,,|auth=Bearer ||", "n,,|auth=BearereyJ||", "n,,|auth=Bearer e J||", "n,,|auth=Bearer e\nJ||",
    "n,,|auth=Bearer e\"J||", "n,,|auth=Bearer eyJ|auth=Bearer eyK||", "n,,|host=x||", "n,,|=x|auth=Bearer eyJ||",
    "n,,|auth|auth=Bearer eyJ||", "n,,|au th=x||", "n,,|AUTH=Bearer eyJ||"));

TEST(OAuthBearer, a_long_message_is_refused) {
  EXPECT_FALSE(parse_oauth_bearer(with_separators("n,,|auth=Bearer " + std::string(40000, 'a') + "||")));
}

TEST(OAuthBearer, a_failure_says_where_tokens_come_from) {
  const auto json = Json::parse(oauth_failure("https://idp.test/", "openid"));
  EXPECT_EQ(json.at("status"), "invalid_token");
  EXPECT_EQ(json.at("openid-configuration"), "https://idp.test/.well-known/openid-configuration");
  EXPECT_EQ(json.at("scope"), "openid");
}

}  // namespace
}  // namespace pgward::auth
