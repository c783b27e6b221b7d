// What is remembered must never let in what the verifier itself would not.
#include "auth/verified_tokens.h"

#include <gtest/gtest.h>

#include "token_forge.h"

namespace pgward::auth::testing {
namespace {

class VerifiedTokensTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const JwtVerifier> verifier(std::initializer_list<std::string_view> kids) {
    return std::make_shared<const JwtVerifier>(verifier_of(config_of(kids)));
  }
  static std::string token(std::string_view patch = "{}", std::string_view kid = "es") {
    return signed_token(good_header().dump(), edited(good_payload(), patch), kid);
  }
  std::string verdict_at(const std::string& word, UnixTime now = kNow) {
    const auto verified = known.verify(keys, word, now);
    if (const auto* error = std::get_if<JwtError>(&verified)) return std::string(name_of(*error));
    return std::get<Identity>(verified).subject;
  }
  VerifiedTokens known{3};
  std::shared_ptr<const JwtVerifier> keys = verifier({"es", "rs", "ed"});
};

TEST_F(VerifiedTokensTest, the_same_token_is_kept_once) {
  const std::string word = token();
  EXPECT_EQ(verdict_at(word), "user-17");
  EXPECT_EQ(verdict_at(word, kNow + 1), "user-17");
  EXPECT_EQ(known.size(), 1u);
}

TEST_F(VerifiedTokensTest, a_token_ends_when_it_says) {
  const std::string word = token();
  EXPECT_EQ(verdict_at(word), "user-17");
  EXPECT_EQ(verdict_at(word, kNow + 599), "user-17");
  EXPECT_EQ(verdict_at(word, kNow + 600), "expired");
  EXPECT_EQ(known.size(), 0u);
}

TEST_F(VerifiedTokensTest, a_clock_that_was_set_back_is_believed) {
  const std::string word = token(R"({"nbf":1750000000})");
  EXPECT_EQ(verdict_at(word), "user-17");
  EXPECT_EQ(verdict_at(word, kNow - 5), "user-17");  // within the skew
  EXPECT_EQ(verdict_at(word, kNow - 31), "not_yet_valid");
}

TEST_F(VerifiedTokensTest, other_keys_know_nothing_of_what_was_accepted) {
  const std::string word = token();
  EXPECT_EQ(verdict_at(word), "user-17");
  keys = verifier({"rs"});
  EXPECT_NE(verdict_at(word), "user-17");
  EXPECT_EQ(known.size(), 0u);
  keys = verifier({"es"});
  EXPECT_EQ(verdict_at(word), "user-17");
}

TEST_F(VerifiedTokensTest, refused_tokens_are_not_kept) {
  EXPECT_EQ(verdict_at("no token at all"), "not_a_jwt");
  EXPECT_EQ(verdict_at(token("{}", "stranger")), "bad_signature");
  EXPECT_EQ(known.size(), 0u);
}

TEST_F(VerifiedTokensTest, one_changed_byte_is_another_token) {
  std::string word = token();
  EXPECT_EQ(verdict_at(word), "user-17");
  word.back() = word.back() == 'A' ? 'E' : 'A';
  EXPECT_NE(verdict_at(word), "user-17");
}

TEST_F(VerifiedTokensTest, the_one_not_used_for_longest_makes_room) {
  const std::string one = token(R"({"sub":"one"})"), two = token(R"({"sub":"two"})");
  EXPECT_EQ(verdict_at(one), "one");
  EXPECT_EQ(verdict_at(two), "two");
  EXPECT_EQ(verdict_at(one), "one");
  for (int i = 0; i < 10; ++i) {
    const std::string subject = "user-" + std::to_string(i);
    EXPECT_EQ(verdict_at(token(R"({"sub":")" + subject + R"("})")), subject);
    EXPECT_EQ(verdict_at(one), "one");
    EXPECT_LE(known.size(), 3u);
  }
}

}  // namespace
}  // namespace pgward::auth::testing
