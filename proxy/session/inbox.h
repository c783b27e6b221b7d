// Bytes that came in and were not taken yet: the end of a message that is still due.
//
// While nothing is left over, the caller's bytes are worked on where they are, without a copy.
#pragma once

#include <openssl/crypto.h>

#include "protocol/bytes.h"

namespace pgward::proxy {

class Inbox {
 public:
  // Calls take(view), which moves the view past what it took. Views that it keeps are good until the next feed().
  template <class Take>
  void feed(protocol::ByteView bytes, Take take) {
    if (used_ == buffer_.size()) {
      buffer_.clear();
      if (buffer_.capacity() > kKeptBytesMax) buffer_.shrink_to_fit();  // else one large message counts for the rest of the session
      used_ = 0;
      take(bytes);
      if (!bytes.empty()) buffer_.assign(bytes);
      return;
    }
    buffer_.erase(0, used_);
    buffer_.append(bytes);
    protocol::ByteView rest(buffer_);
    take(rest);
    used_ = buffer_.size() - rest.size();
  }
  // Gives back the memory, and what is in it: a password may have been there.
  void trim() {
    if (!empty()) return;
    OPENSSL_cleanse(buffer_.data(), buffer_.capacity());
    protocol::Bytes().swap(buffer_);
    used_ = 0;
  }
  bool empty() const { return used_ == buffer_.size(); }
  std::size_t capacity() const { return buffer_.capacity(); }

 private:
  static constexpr std::size_t kKeptBytesMax = 64 * 1024;
  protocol::Bytes buffer_;
  std::size_t used_ = 0;
};

}  // namespace pgward::proxy
