// Before a log is written on: does it lead to what its anchors hold?
#pragma once

#include <filesystem>
#include <string>

#include "audit/log.h"
#include "audit/merkle.h"

namespace pgward::audit {

// Why the log must not be written on; empty: no anchor contradicts it. `end` is the tree of all its records.
// An anchor that cannot be asked is a reason when anchors are required.
std::string contradicts(const LogConfig& config, const std::string& origin, const std::filesystem::path& directory, const MerkleRange& end);

}  // namespace pgward::audit
