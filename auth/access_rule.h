// Who may log in from where, and how: an ordered list, as pg_hba.conf has it. The first rule that fits a connection
// counts, whatever comes of it; a connection that fits none does not get in.
//
//   const AccessRule* rule = first_match(rules, connection);    null: no entry
//
// Everything of a connection but its address and encryption is what the client says of itself: a rule chooses how the
// client has to prove it, it proves nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgward::auth {

enum class Method {
  jwt,          // a token as the password
  scram,        // SCRAM-SHA-256 with an ephemeral credential, and -PLUS for those who can
  scram_plus,   // ... which must bind to the TLS channel
  certificate,  // of the client
  oauth,        // OAUTHBEARER: a token by SASL, as PostgreSQL 18 has it
  reject,       // nobody, whatever they show
};
std::string_view name_of(Method method);

// "192.0.2.7", "10.0.0.0/8", "2001:db8::/32".
class AddressRange {
 public:
  // Nothing: not an address, or one with bits beyond its prefix (10.0.0.1/8 is a slip more often than a wish).
  static std::optional<AddressRange> parse(std::string_view text);
  // `address` as bytes, 4 or 16 of them. An IPv4 address that came in through an IPv6 socket is one of IPv4.
  bool contains(std::string_view address) const;

 private:
  std::string bytes_;
  std::size_t bits_ = 0;
};

// The bytes of a textual address; empty when it is none.
std::string address_bytes(std::string_view text);

enum class Channel { any, tls, plaintext, unix_socket };

struct Connection {
  std::string address;  // an IP address as text, or "unix"
  bool encrypted = false;
  bool certificate = false;  // of the client, and it verifies
  std::string database, user;
};

struct AccessRule {
  Method method = Method::jwt;
  Channel channel = Channel::any;
  bool certificate = false;             // fits only connections with a client certificate that verifies
  std::vector<AddressRange> addresses;  // empty: all, Unix sockets too. Otherwise none of these has any
  std::vector<std::string> databases;   // empty: all
  std::vector<std::string> users;       // empty: all; "etl_*" stands for all that begin with "etl_"
};

const AccessRule* first_match(std::span<const AccessRule> rules, const Connection& connection);

}  // namespace pgward::auth
