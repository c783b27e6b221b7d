// The server's two SCRAM texts (RFC 5802, section 5.1 and 7), read strictly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgward::auth {

struct ServerFirst {
  std::string nonce;  // the client's and the server's part
  std::string salt;   // bytes
  std::uint32_t iterations = 0;
};

// r=<nonce>,s=<salt in base64>,i=<iterations> and nothing else. Mandatory extensions (m=) must be refused,
// optional ones after i= are refused too, as libpq does: PostgreSQL sends none.
std::optional<ServerFirst> parse_server_first(std::string_view text);

// Printable ASCII without ',' (RFC 5802, section 7), and not empty.
bool is_scram_nonce(std::string_view text);

}  // namespace pgward::auth
