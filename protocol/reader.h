// Reads the fields of one message body in order.
//
// It remembers that it ran short, so a decoder is a straight line with one check at the end:
//
//   Reader in{body};
//   message.name = in.cstring();
//   message.oid = in.u32();
//   return in.finish(std::move(message));  // truncated, trailing_bytes, bad_value, or the message
//
// After the first failure every read answers zero or an empty view, and takes nothing. A loop over a
// count that came from the wire must also ask ok(), or a count of 65535 spins for nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

class Reader {
 public:
  // Views that the reads return look into `body`.
  explicit Reader(ByteView body) : left_(body) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian<2>()); }
  std::uint32_t u32() { return big_endian<4>(); }
  std::int16_t i16() { return static_cast<std::int16_t>(u16()); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  ByteView cstring();  // without its zero byte
  ByteView bytes(std::size_t count) {
    if (error_) return {};
    if (count > left_.size()) {
      error_ = WireError::truncated;
      return {};
    }
    const ByteView taken(left_.data(), count);
    left_.remove_prefix(count);
    return taken;
  }
  ByteView rest();  // all that is left; never fails

  // A value preceded by its length in 32 bits, of which -1 means NULL. Other negative lengths are bad_value.
  std::optional<ByteView> sized_value();

  // For a value that is there but not allowed. The first failure stays.
  void fail(WireError error) {
    if (!error_) error_ = error;
  }

  bool ok() const { return !error_; }
  std::size_t left() const { return left_.size(); }

  // The whole body must have been read by now.
  template <class T>
  Result<T> finish(T message) const {
    return finish_as<T>(std::move(message));
  }

  // The same for a message that is one alternative of a variant.
  template <class T, class Message>
  Result<T> finish_as(Message message) const {
    if (error_) return *error_;
    if (!left_.empty()) return WireError::trailing_bytes;
    return message;
  }

 private:
  // In the header, like bytes(): every message of a session goes through here several times.
  template <std::size_t count>
  std::uint32_t big_endian() {
    const ByteView taken = bytes(count);
    std::uint32_t value = 0;
    if (taken.size() == count)
      for (std::size_t i = 0; i < count; ++i) value = (value << 8) | static_cast<unsigned char>(taken[i]);
    return value;
  }

  ByteView left_;
  std::optional<WireError> error_;
};

}  // namespace pgward::protocol
