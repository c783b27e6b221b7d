// Checks what a log's checkpoints say against its records, in the order of the records:
//
//   before(line, tree)   for each record, with the tree of those before it: what is wrong with it, or empty
//   question()           what about the record that came last somebody should explain; empty: nothing
//
// Which key signs: the first checkpoint names the first key (or it is given), the last one of each epoch the next.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "audit/anchor.h"
#include "audit/line.h"
#include "audit/merkle.h"
#include "audit/verify.h"

namespace pgward::audit {

class Attestation {
 public:
  explicit Attestation(std::optional<NoteKey> first_key) : wanted_(std::move(first_key)) {}

  // Before all others, when the log does not begin at its beginning: the checkpoints that named keys until then.
  std::string adopt(const std::vector<SignedCheckpoint>& key_changes, std::uint64_t size);
  std::string before(const Line& line, const MerkleRange& tree);
  std::string question() { return std::exchange(question_, {}); }
  // At the end of the log: why it cannot be right although each record is.
  std::string end() const;

  const Signing& signing() const { return signing_; }
  std::optional<NoteKey> key_of(std::uint64_t epoch) const;

 private:
  std::string checkpoint(const Line& line, const MerkleRange& tree);
  std::string take_key(const SignedCheckpoint& made);
  void look_at_time(std::int64_t time_us);

  std::optional<NoteKey> wanted_;
  std::map<std::uint64_t, NoteKey> keys_;  // by epoch
  Signing signing_;
  bool others_ = false;             // records that are not the log's own have come
  std::int64_t heartbeat_us_ = 0;   // of this start; 0: none promised
  std::int64_t last_us_ = 0;        // last checkpoint of this start; 0: none yet
  std::string question_;
};

}  // namespace pgward::audit
