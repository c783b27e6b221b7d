#include "protocol/reader.h"

namespace pgward::protocol {

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
