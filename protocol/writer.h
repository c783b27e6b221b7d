// Builds messages at the end of a buffer.
//
//   Writer message{out};
//   message.begin('C');
//   message.cstring("SELECT 1");
//   message.end();  // fills in the length
//
// A message that cannot be said truthfully (a text with a zero byte inside, which the other side would
// take for its end and read on in what follows; a count or length that does not fit) is withdrawn: end()
// answers false and the buffer is as it was at begin(). Cutting it short instead could turn one
// statement, or one user name, into another.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/bytes.h"

namespace pgward::protocol {

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void begin(char type);
  void begin_startup();  // first packets have no type byte

  void u8(std::uint8_t value);
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void count16(std::size_t count);  // a u16 that must fit
  void cstring(ByteView text);
  void bytes(ByteView raw);
  void sized_bytes(ByteView raw);  // preceded by their length in 32 bits
  void withdraw() { withdrawn_ = true; }

  bool end();

 private:
  Bytes& out_;
  std::size_t message_at_ = 0;
  std::size_t length_at_ = 0;
  bool withdrawn_ = false;
};

}  // namespace pgward::protocol
