#include "protocol/reader.h"

namespace pgward::protocol {

ByteView Reader::bytes(std::size_t count) {
  if (error_) return {};
  if (count > left_.size()) {
    error_ = WireError::truncated;
    return {};
  }
  ByteView taken = left_.substr(0, count);
  left_.remove_prefix(count);
  return taken;
}

std::uint32_t Reader::big_endian(std::size_t count) {
  std::uint32_t value = 0;
  for (char byte : bytes(count)) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

std::uint8_t Reader::u8() {
  return static_cast<std::uint8_t>(big_endian(1));
}
std::uint16_t Reader::u16() {
  return static_cast<std::uint16_t>(big_endian(2));
}
std::uint32_t Reader::u32() {
  return big_endian(4);
}
std::int16_t Reader::i16() {
  return static_cast<std::int16_t>(u16());
}
std::int32_t Reader::i32() {
  return static_cast<std::int32_t>(u32());
}

ByteView Reader::cstring() {
  if (error_) return {};
  std::size_t end = left_.find('\0');
  if (end == ByteView::npos) {
    error_ = WireError::truncated;
    return {};
  }
  ByteView text = left_.substr(0, end);
  left_.remove_prefix(end + 1);
  return text;
}

ByteView Reader::rest() {
  return error_ ? ByteView{} : bytes(left_.size());
}

std::optional<ByteView> Reader::sized_value() {
  std::int32_t size = i32();
  if (!ok() || size == -1) return std::nullopt;
  if (size < 0) {
    fail(WireError::bad_value);
    return std::nullopt;
  }
  return bytes(static_cast<std::size_t>(size));
}

}  // namespace pgward::protocol
