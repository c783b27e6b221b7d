// Tokens that are broken as bytes: cut, doubled, re-encoded, signed with the wrong thing.
#include <gtest/gtest.h>

#include <functional>

#include "auth/base64.h"
#include "auth/hmac.h"
#include "token_forge.h"

namespace pgward::auth::testing {
namespace {

std::string good() {
  return signed_token(good_header().dump(), good_payload().dump());
}
std::string head_of(const std::string& token) {
  return token.substr(0, token.rfind('.') + 1);
}
std::string signature_of(const std::string& token) {
  return *base64url_decode(std::string_view{token}.substr(token.rfind('.') + 1));
}
std::string with_signature(std::string_view bytes) {
  return head_of(good()) + base64url_encode(bytes);
}

std::string replaced(std::string text, std::size_t at, char c) {
  text[at] = c;
  return text;
}

// HS256 with something public as the secret: the attack that libjwt 1.10 fell for.
std::string hmac_token(std::string_view secret, const char* algorithm, const char* kid) {
  const std::string header = Json{{"alg", algorithm}, {"typ", "JWT"}, {"kid", kid}}.dump();
  const std::string head = base64url_encode(header) + '.' + base64url_encode(good_payload().dump());
  return head + '.' + base64url_encode(*hmac_sha256(secret, head));
}

// The same value, another text: the last digit of 64 bytes carries four unused bits.
std::string non_canonical_signature() {
  std::string token = good();
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  token.back() = kDigits[kDigits.find(token.back()) + 1];
  return token;
}

std::string unsigned_part(std::string_view header) {
  return base64url_encode(header) + '.' + base64url_encode(good_payload().dump()) + '.';
}

struct Case {
  const char* name;
  std::function<std::string()> token;
  const char* verdict;
};

class JwtBadWire : public ::testing::TestWithParam<Case> {};

TEST_P(JwtBadWire, IsRefused) {
  EXPECT_EQ(verdict(usual_verifier(), GetParam().token()), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Shape, JwtBadWire,
    ::testing::Values(
        Case{"empty", [] { return ""; }, "not_a_jwt"},
        Case{"a_password", [] { return "correct horse battery staple"; }, "not_a_jwt"},
        Case{"one_dot", [] { return "a.b"; }, "not_a_jwt"},
        Case{"only_dots", [] { return ".."; }, "bad_json"},
        Case{"four_parts", [] { return good() + ".AAAA"; }, "not_a_jwt"},
        Case{"encrypted_token", [] { return "e30.AAAA.AAAA.AAAA.AAAA"; }, "not_a_jwt"},
        Case{"json_serialization", [] { return R"({"payload":"e30","signatures":[]})"; }, "not_a_jwt"},
        Case{"two_tokens", [] { return good() + "." + good(); }, "not_a_jwt"},
        Case{"bearer_in_front", [] { return "Bearer " + good(); }, "bad_base64"},
        Case{"space_in_front", [] { return " " + good(); }, "bad_base64"},
        Case{"line_feed_behind", [] { return good() + "\n"; }, "bad_base64"},
        Case{"nul_behind", [] { return good() + std::string(1, '\0'); }, "bad_base64"},
        Case{"padding", [] { return good() + "=="; }, "bad_base64"},
        Case{"percent_encoding", [] { return replaced(good(), 3, '%'); }, "bad_base64"},
        Case{"plus_of_the_other_alphabet", [] { return replaced(good(), 3, '+'); }, "bad_base64"},
        Case{"slash_of_the_other_alphabet", [] { return replaced(good(), good().size() - 3, '/'); },
             "bad_base64"},
        Case{"high_byte", [] { return replaced(good(), 3, '\xe9'); }, "bad_base64"},
        Case{"one_digit_part", [] { return "A" + good().substr(good().find('.')); }, "bad_base64"},
        Case{"unused_bits_set", non_canonical_signature, "bad_base64"},
        Case{"huge", [] { return std::string(10'000'000, 'A'); }, "too_large"},
        Case{"a_byte_too_long", [] { return std::string(16 * 1024 + 1, '.'); }, "too_large"},
        Case{"many_dots", [] { return std::string(16 * 1024, '.'); }, "not_a_jwt"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    JsonText, JwtBadWire,
    ::testing::Values(
        Case{"header_is_array", [] { return signed_token("[]", "{}"); }, "bad_json"},
        Case{"header_is_text", [] { return signed_token("\"ES256\"", "{}"); }, "bad_json"},
        Case{"header_is_null", [] { return signed_token("null", "{}"); }, "bad_json"},
        Case{"header_is_cut", [] { return signed_token(R"({"alg":"ES256")", "{}"); }, "bad_json"},
        Case{"header_has_byte_order_mark",
             [] { return signed_token("\xef\xbb\xbf" + good_header().dump(), good_payload().dump()); },
             "bad_json"},
        Case{"header_and_nul",
             [] { return signed_token(good_header().dump() + std::string(1, '\0'), good_payload().dump()); },
             "bad_json"},
        Case{"payload_is_array", [] { return signed_token(good_header().dump(), "[]"); }, "bad_json"},
        Case{"payload_is_empty", [] { return signed_token(good_header().dump(), ""); }, "bad_json"},
        Case{"payload_is_a_number", [] { return signed_token(good_header().dump(), "17"); }, "bad_json"},
        Case{"payload_has_a_tail",
             [] { return signed_token(good_header().dump(), good_payload().dump() + "x"); }, "bad_json"},
        Case{"payload_has_nul_and_a_tail",
             [] {
               return signed_token(good_header().dump(),
                                   good_payload().dump() + std::string("\0{\"sub\":1}", 10));
             },
             "bad_json"},
        Case{"payload_has_comment",
             [] { return signed_token(good_header().dump(), "/**/" + good_payload().dump()); }, "bad_json"},
        Case{"payload_has_trailing_comma", [] { return signed_token(good_header().dump(), R"({"a":1,})"); },
             "bad_json"},
        Case{"payload_is_utf16", [] { return signed_token(good_header().dump(), std::string("{\0}\0", 4)); },
             "bad_json"},
        Case{"a_thousand_brackets", [] { return signed_token(good_header().dump(), std::string(1000, '[')); },
             "too_deep"},
        Case{"a_thousand_objects",
             [] {
               std::string deep;
               for (int i = 0; i < 1000; ++i) deep += R"({"a":)";
               return signed_token(good_header().dump(), deep);
             },
             "too_deep"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Signature, JwtBadWire,
    ::testing::Values(
        Case{"cut_off", [] { return head_of(good()); }, "bad_signature"},
        Case{"none_without_signature", [] { return unsigned_part(R"({"alg":"none"})"); },
             "algorithm_refused"},
        Case{"none_with_signature", [] { return unsigned_part(R"({"alg":"none"})") + "AAAA"; },
             "algorithm_refused"},
        Case{"all_zero", [] { return with_signature(std::string(64, '\0')); }, "bad_signature"},
        Case{"all_ones", [] { return with_signature(std::string(64, '\xff')); }, "bad_signature"},
        Case{"a_byte_short", [] { return with_signature(signature_of(good()).substr(1)); }, "bad_signature"},
        Case{"a_byte_long", [] { return with_signature(signature_of(good()) + "x"); }, "bad_signature"},
        Case{"halves_swapped",
             [] {
               const std::string raw = signature_of(good());
               return with_signature(raw.substr(32) + raw.substr(0, 32));
             },
             "bad_signature"},
        Case{"der",
             [] {
               std::string der;
               const ForgeKey& key = forge_key("es");
               const std::string token = good();
               const DigestContext context{EVP_MD_CTX_new()};
               const std::string_view head = std::string_view{token}.substr(0, token.rfind('.'));
               std::size_t size = 128;
               der.resize(size);
               EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.key.get());
               EVP_DigestSign(context.get(), bytes_of(der), &size, bytes_of(head), head.size());
               der.resize(size);
               return std::string{head} + '.' + base64url_encode(der);
             },
             "bad_signature"},
        Case{"of_another_payload",
             [] {
               const std::string other =
                   signed_token(good_header().dump(), edited(good_payload(), R"({"sub":"x"})"));
               return head_of(other) + base64url_encode(signature_of(good()));
             },
             "bad_signature"},
        Case{"of_another_header",
             [] {
               const std::string other =
                   signed_token(edited(good_header(), R"({"x":1})"), good_payload().dump());
               return head_of(other) + base64url_encode(signature_of(good()));
             },
             "bad_signature"},
        Case{"hs256_with_rsa_modulus",
             [] { return hmac_token(forge_key("rs").jwk["n"].get<std::string>(), "HS256", "rs"); },
             "algorithm_refused"},
        Case{"hs256_with_public_jwk", [] { return hmac_token(forge_key("rs").jwk.dump(), "HS256", "rs"); },
             "algorithm_refused"},
        Case{"hs256_with_nothing", [] { return hmac_token("", "HS256", "es"); }, "algorithm_refused"},
        Case{"hmac_called_rs256", [] { return hmac_token(forge_key("rs").jwk.dump(), "RS256", "rs"); },
             "bad_signature"},
        Case{"hmac_called_es256", [] { return hmac_token(forge_key("es").jwk.dump(), "ES256", "es"); },
             "bad_signature"},
        Case{"hmac_called_eddsa", [] { return hmac_token(forge_key("ed").jwk.dump(), "EdDSA", "ed"); },
             "bad_signature"}),
    [](const auto& row) { return row.param.name; });

// Every bit counts: no token that differs from a good one in one character is good.
TEST(JwtBadWireAlone, EveryChangedCharacterIsRefused) {
  const std::string token = good();
  for (std::size_t i = 0; i < token.size(); ++i) {
    const std::string changed = replaced(token, i, token[i] == 'A' ? 'B' : 'A');
    EXPECT_NE(verdict(usual_verifier(), changed), "ok") << "at " << i;
  }
}

TEST(JwtBadWireAlone, EveryPrefixIsRefused) {
  const std::string token = good();
  for (std::size_t length = 0; length < token.size(); ++length)
    EXPECT_NE(verdict(usual_verifier(), token.substr(0, length)), "ok") << "of length " << length;
}

// See QuietErrors: what is left in the queue of the thread is taken for a TLS failure by somebody else.
TEST(JwtBadWireAlone, RefusalLeavesNoErrorInTheQueueOfOpenSsl) {
  ERR_clear_error();
  for (const char* kid : {"es", "rs", "ed"}) {
    const std::string header = Json{{"alg", name_of(forge_key(kid).algorithm)}, {"kid", kid}}.dump();
    for (const std::size_t size : {1u, 32u, 64u, 256u})
      EXPECT_EQ(verdict(usual_verifier(), join(header, good_payload().dump(), std::string(size, 'x'))),
                "bad_signature");
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace pgward::auth::testing
