// The text in a Query or Parse that is too large to be held, as it passes by on its way to nowhere: its size and SHA-256, by
// which the trail names it.
//
// take() the message's bytes from its type on, in pieces of any size.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "audit/sha256_stream.h"
#include "policy/refusal.h"
#include "protocol/bytes.h"

namespace pgward::proxy {

class UnreadText {
 public:
  // Of statement `number`, which was refused.
  UnreadText(char type, std::uint64_t number, policy::Refusal refusal) : number_(number), refusal_(refusal), names_left_(type == 'P' ? 1 : 0) {}

  void take(protocol::ByteView piece) {
    const std::size_t head = std::min(head_left_, piece.size());
    head_left_ -= head;
    piece.remove_prefix(head);
    // Parse: the statement's name stands first.
    while (names_left_ > 0 && !piece.empty()) {
      const std::size_t end = piece.find('\0');
      if (end == protocol::ByteView::npos) return;
      piece.remove_prefix(end + 1);
      --names_left_;
    }
    if (ended_ || piece.empty()) return;
    const std::size_t end = piece.find('\0');
    ended_ = end != protocol::ByteView::npos;
    const protocol::ByteView text = piece.substr(0, end);
    hash_.take(text);
    bytes_ += text.size();
  }

  std::uint64_t number() const { return number_; }
  policy::Refusal refusal() const { return refusal_; }
  std::size_t bytes() const { return bytes_; }
  std::string sha256() { return hash_.hex(); }  // once

 private:
  std::uint64_t number_;
  policy::Refusal refusal_;
  std::size_t head_left_ = 5;  // type and length
  int names_left_;
  bool ended_ = false;
  std::size_t bytes_ = 0;
  audit::Sha256Stream hash_;
};

}  // namespace pgward::proxy
