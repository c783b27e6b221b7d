// Cuts a byte stream into protocol v3 frames. Knows lengths, not meanings.
//
// peek_frame() is for relays that stream: it reads a header where a typed frame begins and buffers
// nothing. FrameReader is for whoever needs whole frames: feed() what arrived, then next() until it
// answers nullopt or an error.
//
// Startup packets carry no type byte, so the caller says which shape is due: guessing it from the
// bytes is how a proxy and a server come to disagree about where a message ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

// The server allocates a message in one piece and takes none above 1 GB - 1 (MaxAllocSize).
inline constexpr std::uint32_t kFrameLengthMax = 0x3fffffff;
// A startup packet is refused above this (MAX_STARTUP_PACKET_LENGTH), not counting its length word.
inline constexpr std::uint32_t kStartupBodyMax = 10000;

struct FrameHeader {
  char type;
  std::uint32_t length;  // as on the wire: counts its own 4 bytes, not the type byte. Not yet judged:

  // A length below 4 or above what any server takes: nobody can know where the next message begins.
  bool sound() const { return length >= 4 && length <= kFrameLengthMax; }
  std::size_t body_bytes() const { return length - std::size_t{4}; }   // only if sound()
  std::size_t frame_bytes() const { return length + std::size_t{1}; }  // type byte, length word, body
};

// The header at the front of `bytes`; nullopt when fewer than 5 are there. Check sound() before use.
inline std::optional<FrameHeader> peek_frame(ByteView bytes) {
  if (bytes.size() < 5) return std::nullopt;
  const auto byte = [bytes](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
  return FrameHeader{bytes[0], byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4)};
}

// The longest length word a server accepts from a client for this type of message once logged in
// (SocketBackend in postgres.c); 0 for a type that no client may send. What a log-in may send is less:
// kAuthLengthMax.
std::uint32_t client_length_max(char type);
// PG_MAX_AUTH_TOKEN_LENGTH: passwords, tokens and SASL answers.
inline constexpr std::uint32_t kAuthLengthMax = 65535;

enum class Shape {
  startup,  // length word and body: SSLRequest, GSSENCRequest, CancelRequest, StartupMessage
  typed,    // type byte, length word and body: everything else
};

struct Frame {
  char type;      // 0 for a startup packet
  ByteView body;  // without type and length
  ByteView all;   // as it came in, to be passed on unchanged
};

class FrameReader {
 public:
  // No frame, header included, may be longer than this; startup packets are bounded by kStartupBodyMax too.
  explicit FrameReader(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  void feed(ByteView bytes);

  // A whole frame, nullopt when more bytes are due, an error when no further byte can help (bad_value:
  // the length word makes no sense; too_large). The error stays: what follows cannot be cut any more.
  // The views are good until the next feed().
  Result<std::optional<Frame>> next(Shape due);

  // Bytes that were fed and not yet answered. After "S" to an SSLRequest there must be none (CVE-2021-23214).
  std::size_t buffered() const { return buffer_.size() - begin_; }
  ByteView unread() const { return ByteView(buffer_).substr(begin_); }

 private:
  std::size_t frame_bytes_max_;
  Bytes buffer_;
  std::size_t begin_ = 0;  // where the next frame begins in buffer_
  std::optional<WireError> error_;
};

}  // namespace pgward::protocol
