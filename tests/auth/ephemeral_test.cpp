// Credentials that are a user name and a MAC over it.
#include "auth/ephemeral.h"

#include <gtest/gtest.h>

#include <functional>

#include "auth/base64.h"
#include "auth/hmac.h"
#include "auth/strict_json.h"

namespace pgward::auth {
namespace {

constexpr UnixTime kNow = 1'800'000'000;

EphemeralKey key(std::string id = "k1", char fill = 'k') { return {std::move(id), Secret{std::string(32, fill)}}; }
EphemeralVerifier verifier() {
  return std::get<EphemeralVerifier>(EphemeralVerifier::create({key(), key("k2", 'l')}, 900, 30));
}
EphemeralRequest request() { return {"batch@example.test", "clinician", {{"clinic_id", "7"}}, 600, kNow}; }
EphemeralCredential minted(const EphemeralRequest& of = request()) {
  return std::get<EphemeralCredential>(mint_ephemeral(key(), of));
}

TEST(Ephemeral, what_is_minted_is_verified) {
  const auto made = minted();
  const auto verified = verifier().verify(made.user, kNow + 599);
  ASSERT_TRUE(std::holds_alternative<Identity>(verified));
  const auto& identity = std::get<Identity>(verified);
  EXPECT_EQ(identity.subject, "batch@example.test");
  EXPECT_EQ(identity.roles, std::vector<std::string>{"clinician"});
  EXPECT_EQ(identity.claims.at("clinic_id"), "7");
  EXPECT_EQ(identity.credential_type, "ephemeral");
  EXPECT_EQ(identity.key_id, "k1");
  EXPECT_EQ(identity.issued_at, kNow);
  EXPECT_EQ(identity.expires_at, kNow + 600);
  EXPECT_FALSE(identity.credential_id.empty());
}

TEST(Ephemeral, the_exchange_begins_with_the_keys_of_the_password) {
  const auto made = minted();
  const auto begin = verifier().begin(made.user);
  ASSERT_TRUE(begin);
  const auto right = derive_scram_keys(made.password, begin->salt, begin->iterations);
  EXPECT_TRUE(begin->keys.client_key.equals(right->client_key.reveal()));
  // Another instance, or the same one after a reload, says the same.
  EXPECT_EQ(verifier().begin(made.user)->salt, begin->salt);
}

TEST(Ephemeral, a_name_that_is_not_ours_looks_the_same_and_has_no_password) {
  for (const char* user : {"", "clinician", "pgward1.", "pgward1.k9.e30", "pgward1.k1"}) {
    const auto once = verifier().begin(user), again = verifier().begin(user);
    ASSERT_TRUE(once && again);
    EXPECT_EQ(once->salt.size(), 16u);
    EXPECT_EQ(once->salt, again->salt) << "a salt that changes tells that nobody has this name";
    EXPECT_EQ(once->iterations, 4096u);
    EXPECT_FALSE(once->keys.client_key.equals(again->keys.client_key.reveal())) << user;
  }
}

TEST(Ephemeral, the_password_is_the_mac_that_is_written_down) {
  const auto made = minted();
  const std::string text = std::string("pgward1 password") + '\0' + made.user;
  EXPECT_EQ(made.password.reveal(), base64url_encode(*hmac_sha256(std::string(32, 'k'), text)));
}

TEST(Ephemeral, a_changed_name_has_another_password) {
  auto made = minted();
  made.user.back() = made.user.back() == 'A' ? 'B' : 'A';
  const auto begin = verifier().begin(made.user);
  const auto wrong = derive_scram_keys(made.password, begin->salt, begin->iterations);
  EXPECT_FALSE(begin->keys.client_key.equals(wrong->client_key.reveal()));
}

struct Bad {
  const char* name;
  const char* payload;  // JSON
  EphemeralError error;
};
class BadNameTest : public testing::TestWithParam<Bad> {};
// The proof would hold: whoever has the key can say anything.
TEST_P(BadNameTest, is_refused) {
  const auto verified = verifier().verify("pgward1.k1." + base64url_encode(GetParam().payload), kNow);
  ASSERT_TRUE(std::holds_alternative<EphemeralError>(verified));
  EXPECT_EQ(name_of(std::get<EphemeralError>(verified)), name_of(GetParam().error));
}
INSTANTIATE_TEST_SUITE_P(, BadNameTest, testing::Values(
    Bad{"expired", R"({"sub":"a","role":"r","claims":{},"iat":1799999000,"exp":1799999999,"jti":"j"})", EphemeralError::expired},
    Bad{"expired_this_second", R"({"sub":"a","role":"r","claims":{},"iat":1799999500,"exp":1800000000,"jti":"j"})", EphemeralError::expired},
    Bad{"ends_before_it_begins", R"({"sub":"a","role":"r","claims":{},"iat":1800000020,"exp":1800000010,"jti":"j"})", EphemeralError::expired},
    Bad{"from_the_future", R"({"sub":"a","role":"r","claims":{},"iat":1800000031,"exp":1800000100,"jti":"j"})", EphemeralError::issued_in_future},
    Bad{"too_long_a_life", R"({"sub":"a","role":"r","claims":{},"iat":1800000000,"exp":1800000901,"jti":"j"})", EphemeralError::lifetime_too_long},
    Bad{"no_subject", R"({"role":"r","claims":{},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"empty_subject", R"({"sub":"","role":"r","claims":{},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"subject_in_a_list", R"({"sub":["a"],"role":"r","claims":{},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"two_roles", R"({"sub":"a","role":["r","s"],"claims":{},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"no_role", R"({"sub":"a","claims":{},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"claims_in_a_list", R"({"sub":"a","role":"r","claims":[],"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"a_number_as_claim", R"({"sub":"a","role":"r","claims":{"c":7},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"an_empty_claim", R"({"sub":"a","role":"r","claims":{"c":""},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"member_twice", R"({"sub":"a","sub":"b","role":"r","claims":{},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"one_more", R"({"sub":"a","x":1,"role":"r","claims":{},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"control_character", R"({"sub":"a\n","role":"r","claims":{},"iat":1800000000,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"date_as_text", R"({"sub":"a","role":"r","claims":{},"iat":"1800000000","exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"negative_date", R"({"sub":"a","role":"r","claims":{},"iat":-1,"exp":1800000600,"jti":"j"})", EphemeralError::malformed},
    Bad{"huge_date", R"({"sub":"a","role":"r","claims":{},"iat":1800000000,"exp":99999999999999999999,"jti":"j"})", EphemeralError::malformed},
    Bad{"no_object", R"([1])", EphemeralError::malformed}, Bad{"no_json", "x", EphemeralError::malformed}),
    [](const auto& one) { return one.param.name; });

TEST(Ephemeral, other_names_are_refused) {
  EXPECT_EQ(std::get<EphemeralError>(verifier().verify("clinician", kNow)), EphemeralError::not_ours);
  EXPECT_EQ(std::get<EphemeralError>(verifier().verify("pgward1.k1", kNow)), EphemeralError::not_ours);
  EXPECT_EQ(std::get<EphemeralError>(verifier().verify("pgward1.k9.e30", kNow)), EphemeralError::unknown_key);
  EXPECT_EQ(std::get<EphemeralError>(verifier().verify("pgward1.k1.e30=", kNow)), EphemeralError::malformed);
  EXPECT_EQ(std::get<EphemeralError>(verifier().verify("pgward1.k1." + std::string(5000, 'e'), kNow)), EphemeralError::not_ours);
}

TEST(Ephemeral, keys_that_are_none_are_told) {
  EXPECT_TRUE(std::holds_alternative<std::string>(EphemeralVerifier::create({}, 900, 30)));
  EXPECT_TRUE(std::holds_alternative<std::string>(EphemeralVerifier::create({{"k1", Secret{std::string(31, 'k')}}}, 900, 30)));
  EXPECT_TRUE(std::holds_alternative<std::string>(EphemeralVerifier::create({key("a.b")}, 900, 30)));
  EXPECT_TRUE(std::holds_alternative<std::string>(EphemeralVerifier::create({key(), key()}, 900, 30)));
  EXPECT_TRUE(std::holds_alternative<MintError>(mint_ephemeral({"k1", Secret{std::string("short")}}, request())));
}

}  // namespace
}  // namespace pgward::auth
