#include "protocol/writer.h"

#include "protocol/frame.h"

namespace pgward::protocol {

void Writer::begin(char type) {
  std::size_t at = out_.size();
  out_.push_back(type);
  begin_startup();
  message_at_ = at;
}

void Writer::begin_startup() {
  message_at_ = out_.size();
  length_at_ = out_.size();
  withdrawn_ = false;
  out_.append(4, '\0');
}

void Writer::u8(std::uint8_t value) {
  out_.push_back(static_cast<char>(value));
}

void Writer::u16(std::uint16_t value) {
  u8(static_cast<std::uint8_t>(value >> 8));
  u8(static_cast<std::uint8_t>(value));
}

void Writer::u32(std::uint32_t value) {
  u16(static_cast<std::uint16_t>(value >> 16));
  u16(static_cast<std::uint16_t>(value));
}

void Writer::count16(std::size_t count) {
  if (count > 0xffff) withdraw();
  u16(static_cast<std::uint16_t>(count));
}

void Writer::cstring(ByteView text) {
  if (text.find('\0') != ByteView::npos) withdraw();
  out_.append(text);
  out_.push_back('\0');
}

void Writer::bytes(ByteView raw) {
  out_.append(raw);
}

void Writer::sized_bytes(ByteView raw) {
  if (raw.size() > kFrameLengthMax) withdraw();
  u32(static_cast<std::uint32_t>(raw.size()));
  out_.append(raw);
}

bool Writer::end() {
  std::size_t length = out_.size() - length_at_;
  if (withdrawn_ || length > kFrameLengthMax) {
    out_.resize(message_at_);
    return false;
  }
  for (std::size_t i = 0; i < 4; ++i) out_[length_at_ + i] = static_cast<char>(length >> (24 - 8 * i));
  return true;
}

}  // namespace pgward::protocol
