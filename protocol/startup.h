// The packets that may open a connection, before any typed message: SSLRequest, GSSENCRequest,
// CancelRequest, StartupMessage. (A TLS ClientHello may come as well, since PostgreSQL 17: its first byte
// is 0x16, which as a length word is far above the limit.)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct SslRequest {};
struct GssEncRequest {};

struct CancelRequest {
  std::uint32_t pid;
  ByteView key;  // 4 bytes in protocol 3.0, up to 256 in 3.2. Compare in constant time.
};

struct StartupMessage {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;

  // As sent, in order, duplicates included; empty unless major is 3, since only of that version the
  // layout is known (and the server refuses others by number alone). Values look into the body.
  //
  // What the server makes of them (ProcessStartupPacket, process_startup_options):
  // - `user`, `database`, `options`, `replication`: exactly so spelled; of several the last wins.
  // - `_pq_.` in front: a protocol option; unknown ones are named in NegotiateProtocolVersion.
  // - all else is a setting, applied in order after those in `options`. Setting names know no case, so
  //   "ROLE" is `role` and "User" is an unknown setting, not the user.
  std::vector<std::pair<ByteView, ByteView>> parameters;

  // The value that counts (the last one so spelled); empty when there is none.
  ByteView get(ByteView name) const;
  bool has(ByteView name) const;
};

using FirstPacket = std::variant<SslRequest, GssEncRequest, CancelRequest, StartupMessage>;

// `body` is the packet without its length word. Views in the answer look into it.
Result<FirstPacket> decode_first_packet(ByteView body);

// These append a whole packet. False, and nothing appended, if it cannot be said: a zero byte inside a
// name or value, an empty name (it would end the list), more than a server takes.
bool encode_startup(Bytes& out, std::span<const std::pair<std::string, std::string>> parameters,
                    std::uint16_t minor = 0);  // of protocol 3
void encode_ssl_request(Bytes& out);
bool encode_cancel_request(Bytes& out, std::uint32_t pid, ByteView key);

}  // namespace pgward::protocol
