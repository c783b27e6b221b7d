// Records that the log writes about itself, as members for the chain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
// A torn end was cut off at start: so many bytes from the end of `file`.
std::string log_recover(std::string_view file, std::uint64_t cut_bytes);
// The log could not be written for about `seconds`; `lost` records were refused to their callers meanwhile.
std::string log_degraded(std::string_view step, int error_number, std::uint64_t seconds, std::uint64_t lost);

}  // namespace pgward::audit
