// What others have signed and published: RFC 7515 appendix A, RFC 8037 appendix A, RFC 7638 section 3.1.
// The rest of the tests sign with our own code, and two mistakes could agree.
#include <gtest/gtest.h>

#include "auth/base64.h"
#include "auth/jwk_write.h"
#include "auth/key_set.h"

namespace pgward::auth {
namespace {

constexpr const char* kP256 =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr const char* kRsa =
    R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ)"
    R"(PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdb)"
    R"(BYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_)"
    R"(h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})";
constexpr const char* kEd25519 =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

constexpr const char* kJoe =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

struct Case {
  const char* name;
  const char* jwk;
  std::string signed_bytes;
  const char* signature;
};

class KnownSignature : public ::testing::TestWithParam<Case> {};

TEST_P(KnownSignature, HoldsAndNoOtherDoes) {
  const Case& row = GetParam();
  auto parsed = parse_jwk(Json::parse(row.jwk));
  ASSERT_TRUE(std::holds_alternative<std::optional<VerifyKey>>(parsed)) << std::get<std::string>(parsed);
  const VerifyKey& key = *std::get<std::optional<VerifyKey>>(parsed);
  std::string signature = base64url_decode(row.signature).value();
  EXPECT_TRUE(signature_holds(*key.key, key.algorithm, row.signed_bytes, signature));
  EXPECT_FALSE(signature_holds(*key.key, key.algorithm, row.signed_bytes + "x", signature));
  signature[0] = static_cast<char>(signature[0] ^ 1);
  EXPECT_FALSE(signature_holds(*key.key, key.algorithm, row.signed_bytes, signature));
  EXPECT_FALSE(signature_holds(*key.key, key.algorithm, row.signed_bytes, ""));
}

INSTANTIATE_TEST_SUITE_P(
    , KnownSignature,
    ::testing::Values(
        Case{"rfc7515_a2_rs256", kRsa, std::string{"eyJhbGciOiJSUzI1NiJ9."} + kJoe,
             "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
             "O8W2Fp5jujGbds9uJ"
             "dbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
             "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9"
             "383LcOLn6_dO--xi12jzDwusC-"
             "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIh"
             "WkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
        Case{"rfc7515_a3_es256", kP256, std::string{"eyJhbGciOiJFUzI1NiJ9."} + kJoe,
             "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
        Case{"rfc8037_a4_eddsa", kEd25519, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
             "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"}),
    [](const auto& row) { return row.param.name; });

TEST(KnownThumbprint, Rfc7638) {
  const Json jwk{{"kty", "RSA"},
                 {"e", "AQAB"},
                 {"n",
                  "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
                  "BJECPebWKRXjBZCiFV4n3"
                  "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
                  "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
                  "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_"
                  "xBniIqbw0Ls1jF44-csFCur-"
                  "kEgU8awapJzKnqDKgw"}};
  EXPECT_EQ(thumbprint(jwk), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(KnownThumbprint, Rfc8037) {
  EXPECT_EQ(thumbprint(Json::parse(kEd25519)), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

}  // namespace
}  // namespace pgward::auth
