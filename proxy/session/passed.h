// Bytes of the server that go on to the client as they came. They are never those of an ErrorResponse or a
// NoticeResponse: whoever holds one of these has shown so, and Actions takes nothing else that is the server's.
//
// Views of the caller's input, good as long as it is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "protocol/bytes.h"
#include "protocol/frame.h"
#include "protocol/message_types.h"

namespace pgward::proxy {

using protocol::ByteView;

class Passed {
 public:
  // One message, whole. nullopt when it is not, and for the two types that only the scrubber may pass (client_error.h).
  static std::optional<Passed> message(ByteView whole) {
    const auto header = protocol::peek_frame(whole);
    if (!header || !may_pass(*header) || header->frame_bytes() != whole.size()) return std::nullopt;
    return Passed{whole};
  }

  // All messages of this type that stand whole at the front of `input`, which is moved behind them; counted in `count`.
  static Passed run(char type, ByteView& input, std::uint64_t& count) {
    std::size_t bytes = 0;
    count = 0;
    while (const auto header = protocol::peek_frame({input.data() + bytes, input.size() - bytes})) {
      if (header->type != type || !may_pass(*header) || header->frame_bytes() > input.size() - bytes) break;
      bytes += header->frame_bytes();
      ++count;
    }
    const Passed passed{input.substr(0, bytes)};
    input.remove_prefix(bytes);
    return passed;
  }

  ByteView bytes() const { return bytes_; }

 private:
  friend class PassingMessage;
  explicit Passed(ByteView bytes) : bytes_(bytes) {}
  static bool may_pass(const protocol::FrameHeader& header) {
    return header.type != protocol::server::kErrorResponse && header.type != protocol::server::kNoticeResponse && header.sound();
  }

  ByteView bytes_;
};

// One message that passes in pieces of any size, as they come.
class PassingMessage {
 public:
  // False, and nothing passes, for what Passed would not take.
  bool begin(const protocol::FrameHeader& header) {
    left_ = Passed::may_pass(header) ? header.frame_bytes() : 0;
    return left_ > 0;
  }
  bool under_way() const { return left_ > 0; }
  // What is here of it; `input` is moved behind that.
  Passed take(ByteView& input) {
    const Passed piece{input.substr(0, left_)};
    input.remove_prefix(piece.bytes_.size());
    left_ -= piece.bytes_.size();
    return piece;
  }

 private:
  std::size_t left_ = 0;
};

}  // namespace pgward::proxy
