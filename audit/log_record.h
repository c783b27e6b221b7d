// Records that the log writes about itself, as members for the chain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/anchor.h"
#include "audit/line.h"
#include "audit/merkle.h"

namespace pgward::audit {

// First record of each segment but the first: ties it to the one before by name and by head, and holds the tree of all
// records before it, so that a reader can go on from here without them.
std::string log_rotate(std::string_view file, std::string_view previous_file, std::string_view head, const MerkleRange& tree);
// The tree that such a record holds; nothing: it is not the one that belongs at the front of `file`.
std::optional<MerkleRange> tree_of_rotate(const Line& line, std::string_view file, std::string_view previous_file);
// Each start.
std::string log_open();
// Of a signed log: while nothing happens, a checkpoint comes this often.
std::string log_open(std::int64_t heartbeat_s);
// An orderly end.
std::string log_close();
// An anchor could not be told of checkpoints, or contradicts the log; and that it has them all again.
std::string log_anchor_failed(std::string_view anchor, bool refused);
std::string log_anchor_restored(std::string_view anchor);
// A signed note about all records before it.
std::string log_checkpoint(std::string_view note);
std::optional<SignedCheckpoint> checkpoint_of(std::string_view members);  // well-formed; whether it is true is another question
// A torn end was cut off at start: so many bytes from the end of `file`.
std::string log_recover(std::string_view file, std::uint64_t cut_bytes);
// The log could not be written for about `seconds`; `lost` records were refused to their callers meanwhile.
std::string log_degraded(std::string_view step, int error_number, std::uint64_t seconds, std::uint64_t lost);

}  // namespace pgward::audit
