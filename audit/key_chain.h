// The checkpoints that name keys, once more, in a file of their own beside the log (key-chain): so that signatures
// can be followed when the segments that held them are purged, and a witness that missed a change can be told.
#pragma once

#include <filesystem>
#include <vector>

#include "audit/anchor.h"
#include "audit/io.h"

namespace pgward::audit {

// Behind what is there; the same one twice is one. Durable.
IoResult add_to_key_chain(const std::filesystem::path& log, const SignedCheckpoint& checkpoint);
// Those of more than so many records, oldest first; lines that are none are left out.
std::vector<SignedCheckpoint> key_changes(const std::filesystem::path& log, std::uint64_t beyond);

}  // namespace pgward::audit
