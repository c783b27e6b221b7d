#include "protocol/startup.h"

#include <algorithm>

#include "protocol/frame.h"
#include "protocol/key_size.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {
namespace {

// Requests are "versions" of a major number that will never exist.
constexpr std::uint32_t kCancelRequestCode = 80877102;  // 1234 << 16 | 5678
constexpr std::uint32_t kSslRequestCode = 80877103;
constexpr std::uint32_t kGssEncRequestCode = 80877104;
constexpr std::uint16_t kMajor = 3;

Result<FirstPacket> decode_cancel(Reader in) {
  CancelRequest request{in.u32(), in.rest()};
  if (!in.ok() || request.key.size() < kCancelKeyMin) return WireError::truncated;
  if (request.key.size() > kCancelKeyMax) return WireError::trailing_bytes;
  // node-postgres put a zero byte behind the key for years (node-postgres#963). No key of 5 bytes is
  // ever given out, so dropping it can only make its cancel work.
  if (request.key.size() == kCancelKeyMin + 1 && request.key.back() == '\0') request.key.remove_suffix(1);
  return in.finish_as<FirstPacket>(request);
}

Result<FirstPacket> decode_parameters(Reader in, StartupMessage message) {
  for (;;) {
    ByteView name = in.cstring();
    if (!in.ok() || name.empty()) break;  // an empty name ends the list
    ByteView value = in.cstring();
    message.parameters.emplace_back(name, value);
  }
  return in.finish_as<FirstPacket>(std::move(message));
}

}  // namespace

ByteView StartupMessage::get(ByteView name) const {
  ByteView value;
  for (const auto& [key, text] : parameters) {
    if (key == name) value = text;
  }
  return value;
}

bool StartupMessage::has(ByteView name) const {
  return std::any_of(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; });
}

Result<FirstPacket> decode_first_packet(ByteView body) {
  if (body.size() > kStartupBodyMax) return WireError::too_large;
  Reader in{body};
  const std::uint32_t code = in.u32();
  if (!in.ok()) return WireError::truncated;
  if (code == kSslRequestCode) return in.finish_as<FirstPacket>(SslRequest{});
  if (code == kGssEncRequestCode) return in.finish_as<FirstPacket>(GssEncRequest{});
  if (code == kCancelRequestCode) return decode_cancel(in);

  StartupMessage message;
  message.major = static_cast<std::uint16_t>(code >> 16);
  message.minor = static_cast<std::uint16_t>(code);
  if (message.major != kMajor) return message;
  return decode_parameters(in, std::move(message));
}

bool encode_startup(Bytes& out, std::span<const std::pair<std::string, std::string>> parameters,
                    std::uint16_t minor) {
  Writer packet{out};
  const std::size_t begin = out.size();
  packet.begin_startup();
  packet.u32(std::uint32_t{kMajor} << 16 | minor);
  for (const auto& [name, value] : parameters) {
    if (name.empty()) packet.withdraw();
    packet.cstring(name);
    packet.cstring(value);
  }
  packet.u8(0);
  if (out.size() - begin > kStartupBodyMax + 4) packet.withdraw();
  return packet.end();
}

void encode_ssl_request(Bytes& out) {
  Writer packet{out};
  packet.begin_startup();
  packet.u32(kSslRequestCode);
  packet.end();
}

bool encode_cancel_request(Bytes& out, std::uint32_t pid, ByteView key) {
  Writer packet{out};
  packet.begin_startup();
  packet.u32(kCancelRequestCode);
  packet.u32(pid);
  packet.bytes(key);
  if (key.size() < kCancelKeyMin || key.size() > kCancelKeyMax) packet.withdraw();
  return packet.end();
}

}  // namespace pgward::protocol
