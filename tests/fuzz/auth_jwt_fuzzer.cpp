// A token as it comes in. The first byte says how much of it the fuzzer writes: all of it, or the JSON of a
// token that is then signed with the right key, so that it gets as far as the claims.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/base64.h"
#include "auth/jwk_write.h"
#include "auth/jwt.h"
#include "auth/mint.h"
#include "auth/signature.h"
#include "auth/text_checks.h"

namespace {

using namespace pgward::auth;

constexpr UnixTime kNow = 1'750'000'000;

struct Setup {
  KeyHandle key;
  JwtVerifier verifier;
};

const Setup& setup() {
  static const Setup made = [] {
    NewKey key = std::get<NewKey>(new_key("EdDSA"));
    IssuerConfig config;
    config.issuer = "https://idp.test";
    config.audience = "pgward";
    config.jwks = key.jwks;
    return Setup{read_private_key(key.private_key_pem),
                 std::get<JwtVerifier>(JwtVerifier::create({std::move(config)}))};
  }();
  return made;
}

std::string signed_token(std::string_view header, std::string_view payload) {
  const std::string head = base64url_encode(header) + '.' + base64url_encode(payload);
  return head + '.' + base64url_encode(*sign(*setup().key, Algorithm::eddsa, head));
}

void require(bool held) {
  if (!held) std::abort();
}

// Whoever gets in has what the rest of the program counts on.
void check_identity(const Identity& identity) {
  require(identity.issuer == "https://idp.test" && identity.credential_type == "jwt");
  require(!identity.subject.empty() && !has_control_character(identity.subject));
  require(identity.expires_at > kNow && identity.expires_at <= kNow + 900 + 30);
  require(!identity.roles.empty());
  for (const std::string& role : identity.roles) require(!role.empty() && !has_control_character(role));
  for (const auto& [name, value] : identity.claims) require(!value.empty() && !has_control_character(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  std::string token{text};
  if (data[0] == 'p') token = signed_token(R"({"alg":"EdDSA"})", text);
  if (data[0] == 'h') token = signed_token(text, R"({"iss":"https://idp.test"})");
  const auto result = setup().verifier.verify(token, kNow);
  if (const auto* identity = std::get_if<Identity>(&result)) {
    require(data[0] == 'p');  // the others would have needed the key, or claims that are not there
    check_identity(*identity);
  }
  if (data[0] == 'k') {
    IssuerConfig config;
    config.issuer = config.audience = "x";
    config.jwks = text;
    static_cast<void>(JwtVerifier::create({std::move(config)}));
  }
  require(ERR_peek_error() == 0);  // see QuietErrors
  return 0;
}
