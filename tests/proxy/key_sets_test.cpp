// Key sets by URL: how often they are fetched, and how long an old one counts.
#include <gtest/gtest.h>

#include "proxy/upstream/key_sets.h"

namespace pgward::proxy {
namespace {

class KeySetsTest : public testing::Test {
 protected:
  std::optional<std::string> at(std::int64_t now) { return sets.text(source, now).text; }

  int fetched = 0;
  std::variant<std::string, HttpsFault> answer = "one";
  KeySetSource source{"https://idp.test/keys", "", 1000};
  KeySets sets{[this](const KeySetSource&) {
    ++fetched;
    return answer;
  }};
};

TEST_F(KeySetsTest, a_fresh_one_is_not_fetched_again) {
  EXPECT_EQ(at(0), "one");
  answer = "two";
  EXPECT_EQ(at(KeySets::kFreshS - 1), "one");
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(at(KeySets::kFreshS), "two");
}

TEST_F(KeySetsTest, an_unknown_key_hurries_but_not_more_often_than_the_pause) {
  at(0);
  answer = "two";
  sets.hurry();
  EXPECT_EQ(at(5), "one");
  EXPECT_EQ(at(10), "two") << "the hurry is not forgotten";
  for (int now = 11; now < 20; ++now) {
    sets.hurry();
    at(now);
  }
  EXPECT_EQ(fetched, 2);
}

TEST_F(KeySetsTest, an_issuer_that_cannot_be_reached_is_believed_for_a_while) {
  at(0);
  answer = HttpsFault{"unreachable"};
  EXPECT_EQ(at(KeySets::kFreshS), "one");
  EXPECT_EQ(sets.text(source, KeySets::kFreshS + 10).fault, "unreachable");
  EXPECT_EQ(at(KeySets::kFreshS + 999), "one");
  EXPECT_EQ(at(KeySets::kFreshS + 1000), std::nullopt) << "too old";
  answer = "two";
  EXPECT_EQ(at(KeySets::kFreshS + 1020), "two") << "and back";
}

TEST_F(KeySetsTest, one_that_never_answered_has_no_keys_and_is_asked_with_pauses) {
  answer = HttpsFault{"unreachable"};
  for (int now = 0; now < 30; ++now) EXPECT_EQ(at(now), std::nullopt);
  EXPECT_EQ(fetched, 3);
}

TEST(HttpsUrl, is_read_strictly) {
  const auto url = parse_https_url("https://idp.example:8443/a/b?c=d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host + "|" + url->port + "|" + url->target, "idp.example|8443|/a/b?c=d");
  EXPECT_EQ(parse_https_url("https://idp.example")->target, "/");
  for (const char* text : {"", "http://idp.example/", "https://", "https:///x", "https://u@idp.example/", "https://idp.example:x/",
                           "https://idp.example/#x", "https://idp example/", "https://idp.example:123456/", "https://[::1]/",
                           "https://idp.example\r\nHost: x/"})
    EXPECT_FALSE(parse_https_url(text)) << text;
}

}  // namespace
}  // namespace pgward::proxy
