#include "auth/scram.h"

#include <gtest/gtest.h>

#include "auth/base64.h"
#include "auth/scram_keys.h"

namespace pgward::auth {
namespace {

using namespace std::string_literals;

// RFC 7677, section 3. The user name of the example is "user"; ours is always empty, so the example goes to
// the functions below ScramClient.
constexpr std::string_view kAuthMessage =
    "n=user,r=rOprNGfwEbeRWgbNEkqO,"
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr const char* kProof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr const char* kSignature = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramKeys example_keys(std::string password = "pencil") {
  return derive_scram_keys(Secret{std::move(password)}, base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(),
                           4096)
      .value();
}

TEST(ScramKeysTest, AnswerAsInRfc7677) {
  const ScramKeys keys = example_keys();
  EXPECT_EQ(base64_encode(client_proof(keys, kAuthMessage).value()), kProof);
  EXPECT_EQ(base64_encode(server_signature(keys, kAuthMessage).value()), kSignature);
}

TEST(ScramKeysTest, CacheGivesWhatDerivingGives) {
  const std::string salt = base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value();
  // More than the cache holds, twice, so that entries are found, replaced and made anew.
  for (int round = 0; round < 2; ++round)
    for (std::uint32_t iterations = 1; iterations <= 20; ++iterations)
      for (const char* password : {"pencil", "pencil2"}) {
        const Secret secret{std::string{password}};
        const ScramKeys cached = cached_scram_keys(secret, salt, iterations).value();
        const ScramKeys again = cached_scram_keys(secret, salt, iterations).value();
        const ScramKeys fresh = derive_scram_keys(secret, salt, iterations).value();
        EXPECT_TRUE(cached.client_key.equals(fresh.client_key.reveal()));
        EXPECT_TRUE(again.server_key.equals(fresh.server_key.reveal()));
      }
}

// "ab" with salt "c" is not "a" with salt "bc" or any other cut.
TEST(ScramKeysTest, CacheKeepsSaltAndPasswordApart) {
  const ScramKeys one = cached_scram_keys(Secret{"cx"s}, "ab", 10).value();
  const ScramKeys other = cached_scram_keys(Secret{"x"s}, "abc", 10).value();
  EXPECT_FALSE(one.client_key.equals(other.client_key.reveal()));
}

// The server's part, from the verifier that PostgreSQL stores.
class Server {
 public:
  explicit Server(std::string password) : keys_(example_keys(std::move(password))) {}
  std::string first(std::string_view client_first) {
    client_first_bare_ = client_first.substr(3);
    return first_ = "r=" + client_first_bare_.substr(5) + "server,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  }
  // server-final, or empty when the proof is wrong
  std::string final(const std::string& client_final) const {
    const std::string without_proof = client_final.substr(0, client_final.rfind(",p="));
    const std::string message = client_first_bare_ + ',' + first_ + ',' + without_proof;
    if (client_final.substr(without_proof.size() + 3) != base64_encode(*client_proof(keys_, message)))
      return {};
    return "v=" + base64_encode(*server_signature(keys_, message));
  }

 private:
  ScramKeys keys_;
  std::string client_first_bare_, first_;
};

TEST(ScramClientTest, LogsInToAServerThatKnowsThePassword) {
  ScramClient client{Secret{"pencil"s}, "abcdefgh"};
  Server server{"pencil"};
  EXPECT_EQ(client.client_first(), "n,,n=,r=abcdefgh");
  const std::string client_final = client.on_server_first(server.first(client.client_first())).value();
  EXPECT_TRUE(client_final.starts_with("c=biws,r=abcdefghserver,p=")) << client_final;
  EXPECT_TRUE(client.verify_server_final(server.final(client_final)));
}

TEST(ScramClientTest, ProofOfAnotherPasswordIsAnother) {
  ScramClient client{Secret{"pencil2"s}, "abcdefgh"};
  Server server{"pencil"};
  EXPECT_EQ(server.final(client.on_server_first(server.first(client.client_first())).value()), "");
}

// A machine in between that relays nothing of the true server cannot know ServerKey.
TEST(ScramClientTest, TrustsNoServerThatDoesNotKnowThePassword) {
  ScramClient client{Secret{"pencil"s}, "abcdefgh"};
  Server server{"pencil"};
  const std::string right = server.final(client.on_server_first(server.first(client.client_first())).value());
  std::string changed = right;
  changed[5] = changed[5] == 'A' ? 'B' : 'A';
  for (const std::string& wrong :
       {""s, "v="s, "v=AAAA"s, "e=other-error"s, right + ",x=1", right.substr(1), right + '\0',
        right.substr(0, right.size() - 1), " " + right, changed, "v=" + base64_encode(std::string(32, '\0'))})
    EXPECT_FALSE(client.verify_server_final(wrong)) << wrong;
  EXPECT_TRUE(client.verify_server_final(right));
}

TEST(ScramClientTest, ConfirmsNothingBeforeItSentAProof) {
  ScramClient client{Secret{"pencil"s}, "abcdefgh"};
  EXPECT_FALSE(client.verify_server_final(""));
  EXPECT_FALSE(client.on_server_first("r=x").has_value());
  EXPECT_FALSE(client.verify_server_final(""));
  EXPECT_FALSE(client.verify_server_final("v="));
}

TEST(ScramClientTest, GivesOneProof) {
  const std::string first = "r=abcdefghX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  ScramClient client{Secret{"pencil"s}, "abcdefgh"};
  EXPECT_TRUE(client.on_server_first(first).has_value());
  EXPECT_FALSE(client.on_server_first(first).has_value());
  ScramClient refused{Secret{"pencil"s}, "abcdefgh"};
  EXPECT_FALSE(refused.on_server_first("r=abcdefgh,s=QQ==,i=4096").has_value());
  EXPECT_FALSE(refused.on_server_first(first).has_value());
}

TEST(ScramClientTest, NeedsANonceOfItsOwn) {
  for (const char* nonce : {"", "a,b", "a b", "a\n", "\xc3\xa9"}) {
    ScramClient client{Secret{"pencil"s}, nonce};
    EXPECT_FALSE(client.on_server_first("r="s + nonce + "X,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").has_value())
        << nonce;
  }
}

struct Case {
  const char* name;
  std::string server_first;
};

class ScramServerFirst : public ::testing::TestWithParam<Case> {};

TEST_P(ScramServerFirst, IsRefused) {
  ScramClient client{Secret{"pencil"s}, "abcdefgh"};
  EXPECT_FALSE(client.on_server_first(GetParam().server_first).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    , ScramServerFirst,
    ::testing::Values(
        Case{"empty", ""}, Case{"nonce_not_ours", "r=ABCDEFGHX,s=QUJD,i=4096"},
        Case{"nonce_not_extended", "r=abcdefgh,s=QUJD,i=4096"}, Case{"nonce_cut", "r=abcdefg,s=QUJD,i=4096"},
        Case{"nonce_behind", "r=Xabcdefgh,s=QUJD,i=4096"}, Case{"nonce_empty", "r=,s=QUJD,i=4096"},
        Case{"nonce_with_space", "r=abcdefgh X,s=QUJD,i=4096"},
        Case{"nonce_with_nul", "r=abcdefgh\0X,s=QUJD,i=4096"s},
        Case{"nonce_not_ascii", "r=abcdefgh\xc3\xa9,s=QUJD,i=4096"}, Case{"no_nonce", "s=QUJD,i=4096"},
        Case{"no_salt", "r=abcdefghX,i=4096"}, Case{"salt_empty", "r=abcdefghX,s=,i=4096"},
        Case{"salt_not_base64", "r=abcdefghX,s=QU!D,i=4096"},
        Case{"salt_unpadded", "r=abcdefghX,s=QQ,i=4096"},
        Case{"salt_not_canonical", "r=abcdefghX,s=QR==,i=4096"},
        Case{"salt_too_long", "r=abcdefghX,s=" + base64_encode(std::string(1025, 'x')) + ",i=4096"},
        Case{"no_iterations", "r=abcdefghX,s=QUJD"}, Case{"iterations_empty", "r=abcdefghX,s=QUJD,i="},
        Case{"iterations_too_few", "r=abcdefghX,s=QUJD,i=4095"},
        Case{"iterations_one", "r=abcdefghX,s=QUJD,i=1"}, Case{"iterations_zero", "r=abcdefghX,s=QUJD,i=0"},
        Case{"iterations_negative", "r=abcdefghX,s=QUJD,i=-4096"},
        Case{"iterations_too_many", "r=abcdefghX,s=QUJD,i=1000001"},
        Case{"iterations_overflow", "r=abcdefghX,s=QUJD,i=4294971392"},
        Case{"iterations_endless", "r=abcdefghX,s=QUJD,i=" + std::string(200, '9')},
        Case{"iterations_octal", "r=abcdefghX,s=QUJD,i=04096"},
        Case{"iterations_hex", "r=abcdefghX,s=QUJD,i=0x1000"},
        Case{"iterations_plus", "r=abcdefghX,s=QUJD,i=+4096"},
        Case{"iterations_space", "r=abcdefghX,s=QUJD,i= 4096"},
        Case{"iterations_tail", "r=abcdefghX,s=QUJD,i=4096x"},
        Case{"trailing_comma", "r=abcdefghX,s=QUJD,i=4096,"},
        Case{"extension", "r=abcdefghX,s=QUJD,i=4096,x=1"},
        Case{"mandatory_extension", "m=x,r=abcdefghX,s=QUJD,i=4096"},
        Case{"other_order", "s=QUJD,r=abcdefghX,i=4096"},
        Case{"nonce_twice", "r=abcdefghX,r=abcdefghX,s=QUJD,i=4096"},
        Case{"upper_case", "R=abcdefghX,S=QUJD,I=4096"}, Case{"line_feed", "r=abcdefghX,s=QUJD,i=4096\n"},
        Case{"error", "e=other-error"},
        Case{"huge", "r=abcdefgh" + std::string(100'000, 'x') + ",s=QUJD,i=4096"}),
    [](const auto& row) { return row.param.name; });

TEST(ScramNonce, IsFreshPrintableAndLongEnough) {
  const std::string one = random_nonce();
  EXPECT_EQ(one.size(), 24u);
  EXPECT_NE(one, random_nonce());
  EXPECT_EQ(one.find(','), std::string::npos);
}

}  // namespace
}  // namespace pgward::auth
