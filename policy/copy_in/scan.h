// What the scanners of COPY data share. A scanner reads every byte once, in order, and remembers only the
// state between two bytes and the tenant field at hand.
#pragma once

#include <cstddef>
#include <optional>

#include "protocol/bytes.h"

namespace pgward::policy {

enum class CopyFault {
  foreign,     // a row that is not the caller's
  malformed,   // the server would refuse it as well, or it is too odd to be sure what the server makes of it
  row_too_large
};

struct Scanned {
  // So many bytes from the front of the piece belong to decided rows, with all that came before them.
  // Nothing: not even what came before this piece is decided.
  std::optional<std::size_t> safe;
  std::optional<CopyFault> fault;  // then nothing else counts
};

}  // namespace pgward::policy
