// Checks a log from its first segment to its last line: chain, dense sequence, form of each line.
//
// What a chain of hashes can not show: that the end was cut off at a record, that the last record was
// changed, or that everything from some record on was written anew by somebody who computed the hashes
// again. `head` shows all of them: compare it with a copy that was kept elsewhere.
//
// The log may be in use. Then the last line may be seen half-written; what is behind the last whole record
// is reported as a cut-off line, and is gone when one asks again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pgward::audit {

struct BadRecord {
  std::filesystem::path file;
  std::uint64_t line = 0;  // in that file, from 1
  std::uint64_t seq = 0;   // the number the record should have
  std::string reason;      // what does not fit; no content of the record
};

struct VerifyReport {
  std::uint64_t records = 0;   // good ones before the first bad one
  std::uint64_t segments = 0;  // that were looked into
  std::string head;            // hash of the last good line, hex
  std::string root;            // of the tree of all lines, hex; empty when something is wrong
  std::optional<BadRecord> first_bad;
  std::string error;  // why nothing could be checked (no such directory, no log in it); else empty
};

VerifyReport verify(const std::filesystem::path& directory);

}  // namespace pgward::audit
