// Finds the end of a log at start: where the next record goes, and what it is chained to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "audit/anchor.h"
#include "audit/chain.h"
#include "audit/directory.h"
#include "audit/segment_name.h"

namespace pgward::audit {

struct LogEnd {
  Chain chain;                  // `log` is the last start's, empty when there is no record yet
  std::uint64_t start = 0;      // number of the last start
  SegmentNumber segment = 0;    // where to go on; 0: there is none yet
  std::uint64_t end = 0;        // in that segment: everything behind it is to be cut off
  std::uint64_t cut_bytes = 0;  // of a torn group among it
  std::optional<SignedCheckpoint> checkpoint;  // the last one; its signature is for the caller to check
  bool only_own = true;                        // there are no records but those of the log about itself
};

// Reads the last segment (and the one before when the last holds no record) and checks its chain. A torn
// end, as a crash leaves it, is left out: that is a last line without newline or with zero bytes in it, and
// what stands behind, no more than one group. Anything else that does not fit was not done by a crash: the
// text names file and line.
// `with_checkpoint`: further back, until there is one.
std::variant<LogEnd, std::string> find_end(const Directory& directory, bool with_checkpoint);

}  // namespace pgward::audit
