// An issuer of credentials whom the world of those services believes from here on.
//
//   FakeServices services;
//   TestIssuer issuer_{services};                       behind them: it changes their world
//   auto request = issuer_.request();                   for u-1, clinician of tenant A, now
//   issuer_.token(request)
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "auth/mint.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {

class TestIssuer {
 public:
  explicit TestIssuer(FakeServices& services) : services_(services), key_(std::get<auth::NewKey>(auth::new_key("ES256"))) {
    auto world = std::make_shared<World>(*services.world_);
    auth::IssuerConfig issuer;
    issuer.issuer = kIssuer;
    issuer.audience = kAudience;
    issuer.jwks = key_.jwks;
    world->verifier = std::make_shared<auth::JwtVerifier>(std::get<auth::JwtVerifier>(auth::JwtVerifier::create({issuer})));
    services.world_ = std::move(world);
  }
  auth::MintRequest request() const {
    auth::MintRequest request;
    request.issuer = kIssuer;
    request.audience = kAudience;
    request.subject = "u-1";
    request.roles = {"clinician"};
    request.claims["clinic_id"] = std::string(kTenantA);
    request.now = services_.clock;
    return request;
  }
  std::string token(const auth::MintRequest& request) const { return std::get<std::string>(auth::mint_token(key_.private_key_pem, request)); }

 private:
  static constexpr const char *kIssuer = "https://idp.test", *kAudience = "pgward";
  FakeServices& services_;
  const auth::NewKey key_;
};

}  // namespace pgward::proxy::test
