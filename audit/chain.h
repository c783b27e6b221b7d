// The end of a hash chain, and how it grows: with the hash of a line, which the next line names, grows the tree as well
// (docs/decisions/0012-one-hash.md). A value: the writer renders a group with a copy, and keeps the
// copy only when the group is on disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/merkle.h"
#include "audit/sha256.h"

namespace pgward::audit {

struct Chain {
  std::string log;  // "<instance>/<start>"
  std::uint64_t next_seq = 1;
  std::string head{kNoHash};  // hash of the last line
  MerkleRange told, fresh;    // the tree up to the last checkpoint, and what came since

  MerkleRange tree() const;  // of all lines
  void checkpoint_made();    // told is all of it

  // Appends a line and its newline to `out`.
  void append(std::string& out, std::string_view members, std::int64_t now_us);
};

}  // namespace pgward::audit
