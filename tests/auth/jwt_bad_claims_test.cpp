// Tokens with a good signature and a bad payload.
#include <gtest/gtest.h>

#include "token_forge.h"

namespace pgward::auth::testing {
namespace {

struct Case {
  const char* name;
  const char* patch;  // see edited()
  const char* splice;
  const char* verdict;
};

class JwtBadClaims : public ::testing::TestWithParam<Case> {};

TEST_P(JwtBadClaims, AreRefused) {
  const Case& row = GetParam();
  const std::string token = signed_token(good_header().dump(), edited(good_payload(), row.patch, row.splice));
  EXPECT_EQ(verdict(usual_verifier(), token), row.verdict);
}

constexpr const char* kNone = "";

INSTANTIATE_TEST_SUITE_P(
    Issuer, JwtBadClaims,
    ::testing::Values(Case{"absent", R"({"iss":null})", kNone, "missing_claim"},
                      Case{"another", R"({"iss":"https://other.test"})", kNone, "wrong_issuer"},
                      Case{"slash_added", R"({"iss":"https://idp.test/"})", kNone, "wrong_issuer"},
                      Case{"other_case", R"({"iss":"https://IDP.test"})", kNone, "wrong_issuer"},
                      Case{"empty", R"({"iss":""})", kNone, "wrong_issuer"},
                      Case{"nul_added", R"({"iss":"https://idp.test\u0000"})", kNone, "wrong_issuer"},
                      Case{"space_added", R"({"iss":"https://idp.test "})", kNone, "wrong_issuer"},
                      Case{"array", R"({"iss":["https://idp.test"]})", kNone, "bad_claim_type"},
                      Case{"number", R"({"iss":1})", kNone, "bad_claim_type"},
                      Case{"twice", "", R"("iss":"https://idp.test")", "duplicate_member"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Audience, JwtBadClaims,
    ::testing::Values(Case{"absent", R"({"aud":null})", kNone, "missing_claim"},
                      Case{"another", R"({"aud":"pgward2"})", kNone, "wrong_audience"},
                      Case{"prefix", R"({"aud":"pgwar"})", kNone, "wrong_audience"},
                      Case{"other_case", R"({"aud":"PGWARD"})", kNone, "wrong_audience"},
                      Case{"empty", R"({"aud":""})", kNone, "wrong_audience"},
                      Case{"empty_array", R"({"aud":[]})", kNone, "wrong_audience"},
                      Case{"array_without_ours", R"({"aud":["a","b"]})", kNone, "wrong_audience"},
                      Case{"nested_array", R"({"aud":[["pgward"]]})", kNone, "bad_claim_type"},
                      Case{"ours_and_a_number", R"({"aud":["pgward",1]})", kNone, "bad_claim_type"},
                      Case{"object", R"({"aud":{"pgward":true}})", kNone, "bad_claim_type"},
                      Case{"true_", R"({"aud":true})", kNone, "bad_claim_type"},
                      Case{"twice", "", R"("aud":"pgward")", "duplicate_member"}),
    [](const auto& row) { return row.param.name; });

// kNow is 1750000000, the longest life 900 s, the skew 30 s.
INSTANTIATE_TEST_SUITE_P(
    Times, JwtBadClaims,
    ::testing::Values(Case{"no_exp", R"({"exp":null})", kNone, "missing_claim"},
                      Case{"exp_now", R"({"exp":1750000000})", kNone, "expired"},
                      Case{"exp_a_second_ago", R"({"exp":1749999999})", kNone, "expired"},
                      Case{"exp_long_ago", R"({"exp":1})", kNone, "expired"},
                      Case{"exp_zero", R"({"exp":0})", kNone, "expired"},
                      Case{"exp_before_iat", R"({"exp":1750000010,"iat":1750000020})", kNone, "expired"},
                      Case{"exp_negative", R"({"exp":-1})", kNone, "bad_claim_type"},
                      Case{"exp_text", R"({"exp":"1750000600"})", kNone, "bad_claim_type"},
                      Case{"exp_bool", R"({"exp":true})", kNone, "bad_claim_type"},
                      Case{"exp_array", R"({"exp":[1750000600]})", kNone, "bad_claim_type"},
                      Case{"exp_fraction", R"({"exp":1750000600.5})", kNone, "bad_claim_type"},
                      Case{"exp_huge_double", R"({"exp":1e300})", kNone, "bad_claim_type"},
                      Case{"exp_int64_max", R"({"exp":9223372036854775807})", kNone, "bad_claim_type"},
                      Case{"exp_uint64_max", R"({"exp":18446744073709551615})", kNone, "bad_claim_type"},
                      Case{"exp_beyond_uint64", R"({"exp":18446744073709551616})", kNone, "bad_claim_type"},
                      Case{"exp_year_10000", R"({"exp":253402300800})", kNone, "bad_claim_type"},
                      Case{"exp_in_milliseconds", R"({"exp":1750000600000})", kNone, "bad_claim_type"},
                      Case{"exp_not_finite", R"({"exp":null})", R"("exp":1e999)", "bad_json"},
                      Case{"exp_twice", "", R"("exp":1750000600)", "duplicate_member"},
                      Case{"no_iat", R"({"iat":null})", kNone, "missing_claim"},
                      Case{"iat_text", R"({"iat":"1749999990"})", kNone, "bad_claim_type"},
                      Case{"iat_negative", R"({"iat":-9223372036854775808})", kNone, "bad_claim_type"},
                      Case{"iat_object", R"({"iat":{"s":1}})", kNone, "bad_claim_type"},
                      Case{"iat_beyond_skew", R"({"iat":1750000031})", kNone, "issued_in_future"},
                      Case{"life_a_second_too_long", R"({"iat":1749999699})", kNone, "lifetime_too_long"},
                      Case{"life_of_a_year", R"({"exp":1781536000})", kNone, "lifetime_too_long"},
                      Case{"iat_zero", R"({"iat":0})", kNone, "lifetime_too_long"},
                      Case{"nbf_beyond_skew", R"({"nbf":1750000031})", kNone, "not_yet_valid"},
                      Case{"nbf_text", R"({"nbf":"0"})", kNone, "bad_claim_type"},
                      Case{"nbf_fraction", R"({"nbf":0.1})", kNone, "bad_claim_type"},
                      Case{"nbf_null", "", R"("nbf":null)", "bad_claim_type"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Subject, JwtBadClaims,
    ::testing::Values(Case{"absent", R"({"sub":null})", kNone, "missing_claim"},
                      Case{"empty", R"({"sub":""})", kNone, "empty_subject"},
                      Case{"number", R"({"sub":17})", kNone, "bad_claim_type"},
                      Case{"array", R"({"sub":["user-17"]})", kNone, "bad_claim_type"},
                      Case{"null_", R"({"sub":null})", R"("sub":null)", "bad_claim_type"},
                      Case{"nul_inside", R"({"sub":"user-17\u0000admin"})", kNone, "bad_claim_type"},
                      Case{"line_feed", R"({"sub":"user-17\nuser-18"})", kNone, "bad_claim_type"},
                      Case{"escape", R"({"sub":"\u001b[2J"})", kNone, "bad_claim_type"},
                      Case{"del", R"({"sub":"a\u007f"})", kNone, "bad_claim_type"},
                      Case{"c1_control", R"({"sub":"a\u0085b"})", kNone, "bad_claim_type"},
                      Case{"c1_last", R"({"sub":"a\u009fb"})", kNone, "bad_claim_type"},
                      Case{"lone_surrogate", R"({"sub":null})", R"("sub":"\ud800")", "bad_json"},
                      Case{"bad_utf8", R"({"sub":null})", "\"sub\":\"\xff\"", "bad_json"},
                      Case{"overlong_utf8", R"({"sub":null})", "\"sub\":\"\xc0\xaf\"", "bad_json"},
                      Case{"twice", "", R"("sub":"user-18")", "duplicate_member"},
                      Case{"twice_by_escape", "", R"("\u0073ub":"user-18")", "duplicate_member"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Roles, JwtBadClaims,
    ::testing::Values(Case{"absent", R"({"roles":null})", kNone, "no_role"},
                      Case{"empty_array", R"({"roles":[]})", kNone, "no_role"},
                      Case{"empty_text", R"({"roles":""})", kNone, "no_role"},
                      Case{"other_name", R"({"roles":null,"role":"clinician"})", kNone, "no_role"},
                      Case{"empty_element", R"({"roles":["clinician",""]})", kNone, "bad_claim_type"},
                      Case{"number", R"({"roles":1})", kNone, "bad_claim_type"},
                      Case{"number_inside", R"({"roles":["clinician",1]})", kNone, "bad_claim_type"},
                      Case{"null_inside", R"({"roles":[null]})", kNone, "bad_claim_type"},
                      Case{"nested", R"({"roles":[["clinician"]]})", kNone, "bad_claim_type"},
                      Case{"object", R"({"roles":{"clinician":true}})", kNone, "bad_claim_type"},
                      Case{"control", R"({"roles":["clinician\u0000"]})", kNone, "bad_claim_type"},
                      Case{"twice", "", R"("roles":["admin"])", "duplicate_member"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Others, JwtBadClaims,
    ::testing::Values(Case{"tenant_with_nul", R"({"clinic_id":"7\u00008"})", kNone, "bad_claim_type"},
                      Case{"tenant_with_tab", R"({"clinic_id":"7\t"})", kNone, "bad_claim_type"},
                      Case{"tenant_twice", "", R"("clinic_id":"8")", "duplicate_member"},
                      Case{"duplicate_deep_inside", "", R"("x":{"y":[{"z":1,"z":1}]})", "duplicate_member"},
                      Case{"name_with_nul", R"({"clinic_id\u0000":"8"})", kNone, "bad_claim_type"},
                      Case{"jti_number", R"({"jti":1})", kNone, "bad_claim_type"},
                      Case{"jti_array", R"({"jti":["t-1"]})", kNone, "bad_claim_type"},
                      Case{"jti_control", R"({"jti":"t\r\n"})", kNone, "bad_claim_type"},
                      Case{"too_deep", "", R"("x":[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]])", "too_deep"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace pgward::auth::testing
