#include "protocol/frame.h"

#include <algorithm>

#include "protocol/message_types.h"
#include "protocol/reader.h"

namespace pgward::protocol {
namespace {

constexpr std::size_t kLengthWord = 4;

// Bytes of the whole frame, or what is wrong with its length word.
Result<std::size_t> measure(std::uint32_t length, Shape shape, std::size_t frame_bytes_max) {
  if (length < kLengthWord) return WireError::bad_value;
  std::size_t total = length;
  if (shape == Shape::typed) ++total;
  if (length > kFrameLengthMax || total > frame_bytes_max) return WireError::too_large;
  if (shape == Shape::startup && length > kStartupBodyMax + kLengthWord) return WireError::too_large;
  return total;
}

}  // namespace

std::uint32_t client_length_max(char type) {
  constexpr std::uint32_t kSmall = 10000;  // PQ_SMALL_MESSAGE_LIMIT
  switch (type) {
    case client::kQuery:
    case client::kFunctionCall:
    case client::kBind:
    case client::kParse:
    case client::kCopyData:
      return kFrameLengthMax - 1;  // PQ_LARGE_MESSAGE_LIMIT
    case client::kTerminate:
    case client::kClose:
    case client::kDescribe:
    case client::kExecute:
    case client::kFlush:
    case client::kSync:
    case client::kCopyDone:
    case client::kCopyFail:
      return kSmall;
    default:
      return 0;
  }
}

void FrameReader::feed(ByteView bytes) {
  if (error_) return;  // nothing will ever be cut from it: do not hoard it
  // Moving the rest to the front only when it is the smaller half keeps the work linear however
  // the bytes are dealt out.
  if (begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

Result<std::optional<Frame>> FrameReader::next(Shape due) {
  if (error_) return *error_;
  const ByteView bytes = unread();
  const std::size_t header = due == Shape::typed ? 1 + kLengthWord : kLengthWord;
  if (bytes.size() < header) return std::optional<Frame>{};

  Reader length{bytes.substr(header - kLengthWord, kLengthWord)};
  const auto total = measure(length.u32(), due, frame_bytes_max_);
  if (!total) {
    error_ = total.error();
    return *error_;
  }
  if (bytes.size() < *total) return std::optional<Frame>{};

  begin_ += *total;
  const ByteView all = bytes.substr(0, *total);
  return std::optional<Frame>{Frame{due == Shape::typed ? all[0] : '\0', all.substr(header), all}};
}

}  // namespace pgward::protocol
