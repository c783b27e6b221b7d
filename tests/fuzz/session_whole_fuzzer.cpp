// A whole session, from the first byte: any event at any time, arbitrary bytes from both sides. It never crashes, says
// nothing to the server that was not recorded when it had to be, asks for a server only after a good token, and does
// nothing more once it has closed.
#include <cstdint>
#include <cstdlib>

#include "protocol/authentication.h"
#include "protocol/startup.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

enum Event : std::uint8_t {
  client_bytes, server_bytes, good_start, good_password, welcome, hello, tls_done, connected, server_tls, unreachable,
  client_gone, server_gone, audit_failed, tick, shutdown, count
};

// A key and a token of its own, made once.
struct Door {
  Door() {
    const auto key = std::get<auth::NewKey>(auth::new_key("ES256"));
    auth::IssuerConfig issuer;
    issuer.issuer = "https://idp.test";
    issuer.audience = "pgward";
    issuer.jwks = key.jwks;
    auto made = std::make_shared<World>(*small_world());
    made->verifier = std::make_shared<auth::JwtVerifier>(std::get<auth::JwtVerifier>(auth::JwtVerifier::create({issuer})));
    world = made;
    auth::MintRequest request;
    request.issuer = issuer.issuer;
    request.audience = issuer.audience;
    request.subject = "u-1";
    request.roles = {"clinician"};
    request.claims["clinic_id"] = std::string(kTenantA);
    request.now = FakeServices().clock;
    password = message('p', std::get<std::string>(auth::mint_token(key.private_key_pem, request)) + '\0');
    const std::vector<std::pair<std::string, std::string>> parameters{{"user", "clinician"}, {"database", "ehr"}};
    protocol::encode_startup(start, parameters);
    protocol::encode_authentication_ok(greeting);
    greeting += message('K', std::string("\0\0\0\7them", 8)) + ready('I');
  }
  std::shared_ptr<const World> world;
  Bytes start, password, greeting;
};

void tell(Session& session, FakeServices& services, const Door& door, std::uint8_t event, const Bytes& bytes, Actions& actions) {
  switch (event) {
    case client_bytes: return session.on_client_bytes(bytes, actions);
    case server_bytes: return session.on_server_bytes(bytes, actions);
    case good_start: return session.on_client_bytes(door.start, actions);
    case good_password: return session.on_client_bytes(door.password, actions);
    case welcome: return session.on_server_bytes(door.greeting, actions);
    case hello: return session.on_client_hello(actions);
    case tls_done: return session.on_client_tls({"TLSv1.3", !bytes.empty(), std::string(32, 'e')}, actions);
    case connected: return session.on_server_connected(actions);
    case server_tls: return session.on_server_tls(actions);
    case unreachable: return session.on_server_unreachable(actions);
    case client_gone: return session.on_client_gone(actions);
    case server_gone: return session.on_server_gone(actions);
    case audit_failed: return session.on_audit_failed(actions);
    case tick:
      services.clock += static_cast<std::int64_t>(bytes.size());
      session.trim();
      return session.on_clock(actions);
    default: return session.on_shutdown(bytes.empty(), actions);
  }
}

}  // namespace
}  // namespace pgward::proxy::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pgward::proxy;
  using namespace pgward::proxy::test;
  static const Door door;
  FakeServices services;
  services.world_ = door.world;
  Session session(services, {(size & 1) != 0, true, false}, {});
  bool password_given = false;
  while (size >= 2) {
    // One byte says what happens, one how many bytes belong to it.
    const std::uint8_t event = data[0] % Event::count;
    const std::size_t bytes = std::min<std::size_t>(data[1], size - 2);
    const Bytes text(reinterpret_cast<const char*>(data + 2), bytes);
    data += 2 + bytes;
    size -= 2 + bytes;
    Actions actions;
    password_given = password_given || event == good_password;
    tell(session, services, door, event, text, actions);
    bool record = false;
    for (const auto& line : lines(actions)) {
      record = record || line.starts_with("record! ");
      if (line == "connect server" && !password_given) std::abort();
      if (line.starts_with("server Q") && line.find("update public.patients") != std::string::npos && !record) std::abort();
    }
    for (const Action& action : actions.list())
      if (std::holds_alternative<Close>(action)) return 0;
  }
  return 0;
}
