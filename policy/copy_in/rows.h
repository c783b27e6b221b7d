// Checks the data of one COPY .. FROM STDIN while they stream: no byte of a row comes out before it is
// certain that the row is the caller's own. Messages and pieces may be cut anywhere.
//
//   feed() every piece, then finish() once. Each says what may be forwarded now: `held`, then `now`; both
//   are good until the next call. After a fault nothing more may be forwarded; the COPY has to be failed.
//
// Memory: a row is held until its last tenant field is known, `held_bytes_max` at most; the rest of it
// streams. Put the tenant column first and rows may be of any size.
//
// It reads what the server reads (copyfromparse.c of 14 to 18), and knows less, never more: what is odd,
// or what versions of the server take differently, is `malformed`. Pure; no I/O.
#pragma once

#include <optional>
#include <variant>

#include "policy/copy_in/binary.h"
#include "policy/copy_in/lines.h"

namespace pgward::policy {

inline constexpr std::size_t kCopyHeldBytesMax = 16u << 20;

class CopyRows {
 public:
  struct Ready {
    protocol::ByteView held;  // bytes of earlier pieces
    protocol::ByteView now;   // from the front of this piece
    std::size_t size() const { return held.size() + now.size(); }
  };

  CopyRows(const CopyIn& copy, const TenantValues& own, std::size_t held_bytes_max = kCopyHeldBytesMax);

  std::optional<CopyFault> feed(protocol::ByteView piece, Ready& ready);
  std::optional<CopyFault> finish(Ready& ready);
  std::size_t held_bytes() const { return held_.size(); }

 private:
  Scanned scan(protocol::ByteView piece);
  bool ended() const;

  // Without tenant fields nothing is looked at.
  std::variant<std::monostate, CopyLines, CopyBinary> scanner_;
  std::size_t held_bytes_max_;
  protocol::Bytes held_;      // of the row at hand, not decided yet
  protocol::Bytes released_;  // what Ready::held looks at
};

}  // namespace pgward::policy
