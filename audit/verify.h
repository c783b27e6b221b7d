// Checks a log from its first segment to its last line: form of each line, dense sequence, chain, tree, checkpoints and
// the keys that signed them, and what anchors hold of it.
//
// What each part shows: the chain, that a record was changed, taken away or put in without computing the hashes behind
// it anew. Checkpoints: that this was done by somebody without the key of that day. Anchors, and only they: that the end
// was cut off, that all of it is an older copy, or was written anew by somebody who holds today's key.
//
// The log may be in use. Then the last line may be seen half-written; what is behind the last whole record
// is reported as a cut-off line, and is gone when one asks again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "audit/signed_note.h"

namespace pgward::audit {

struct BadRecord {
  std::filesystem::path file;
  std::uint64_t line = 0;    // in that file, from 1
  std::uint64_t offset = 0;  // of the line, in bytes
  std::uint64_t seq = 0;     // the number the record should have
  std::string reason;        // what does not fit; no content of the record
};

struct VerifyOptions {
  std::optional<NoteKey> key;  // of the log's first epoch, from elsewhere: without it the log is taken at its word
  std::vector<std::filesystem::path> anchors;  // as DirectoryAnchor keeps them
};

struct Signing {
  std::string origin;
  std::optional<NoteKey> first_key;
  std::uint64_t checkpoints = 0, epoch = 0;
  std::uint64_t size = 0;     // records that the last checkpoint speaks for
  std::int64_t time_us = 0;   // of the last checkpoint
  std::uint64_t anchored = 0;  // checkpoints that anchors hold, and that fit
};

struct VerifyReport {
  std::uint64_t records = 0;   // good ones before the first bad one
  std::uint64_t segments = 0;  // that were looked into
  std::string head;            // hash of the last good line, hex
  std::string root;            // of the tree of all lines, hex; empty when something is wrong
  Signing signing;
  std::optional<BadRecord> first_bad;
  std::vector<BadRecord> questions;  // nothing is broken, but somebody should explain it: checkpoints that did not come
  std::string error;  // why nothing could be checked (no such directory, no log in it); else empty
};

VerifyReport verify(const std::filesystem::path& directory, const VerifyOptions& options = {});

}  // namespace pgward::audit
