#include "audit/attestation.h"

#include <charconv>

#include "audit/log_record.h"

namespace pgward::audit {
namespace {

constexpr std::int64_t kSlackUs = 30'000'000;  // a busy disk, a stopped virtual machine

std::int64_t heartbeat_of(std::string_view members) {
  constexpr std::string_view kFront = R"("type":"log.open","heartbeat_s":)";
  std::int64_t seconds = 0;
  if (members.starts_with(kFront)) std::from_chars(members.data() + kFront.size(), members.data() + members.size(), seconds);
  return seconds * 1'000'000;
}

}  // namespace

std::string Attestation::before(const Line& line, const MerkleRange& tree) {
  if (!line.type.starts_with("log.")) {
    others_ = true;
    return {};
  }
  if (line.type == "log.open") {
    heartbeat_us_ = heartbeat_of(line.members);
    last_us_ = 0;
  } else if (line.type == "log.degraded" || line.type == "log.recover") {
    last_us_ = 0;  // a gap that is told of
  } else if (line.type == "log.checkpoint") {
    return checkpoint(line, tree);
  }
  return {};
}

std::string Attestation::checkpoint(const Line& line, const MerkleRange& tree) {
  const auto made = checkpoint_of(line.members);
  if (!made) return "is not a checkpoint";
  const Checkpoint& said = made->checkpoint;
  if (auto wrong = take_key(*made); !wrong.empty()) return wrong;
  if (said.size != tree.end() || said.root != tree.root())
    return "this checkpoint is not of the records before it: one from " + std::to_string(signing_.size + 1) + " to " + std::to_string(tree.end()) +
           " was changed, taken away or put in after it was signed";
  look_at_time(said.time_us);
  ++signing_.checkpoints;
  signing_.size = said.size;
  signing_.time_us = said.time_us;
  if (said.next_key) keys_.emplace(++signing_.epoch, *said.next_key);
  return {};
}

// Whether the key whose turn it is signed it.
std::string Attestation::take_key(const SignedCheckpoint& made) {
  const Checkpoint& said = made.checkpoint;
  if (keys_.empty()) {
    if (others_ || !said.key || said.epoch != 1) return "is not the first checkpoint, and no other stands before it";
    if (wanted_ && *wanted_ != *said.key) return "names another first key than the one that was given: this is another log, or was written anew";
    keys_.emplace(1, *said.key);
    signing_.first_key = said.key;
    signing_.origin = said.origin;
    signing_.epoch = 1;
  } else if (said.key) {
    return "is a first checkpoint, and others stand before it";
  }
  if (said.origin != signing_.origin) return "is a checkpoint of another log";
  if (said.epoch != signing_.epoch) return "was signed in epoch " + std::to_string(said.epoch) + ", and this is epoch " + std::to_string(signing_.epoch);
  if (const auto note = parse_note(made.note); !note || !is_signed_by(*note, keys_.at(said.epoch)))
    return "this checkpoint was not signed by the key of epoch " + std::to_string(said.epoch);
  return {};
}

std::string Attestation::adopt(const std::vector<SignedCheckpoint>& key_changes, std::uint64_t size) {
  for (const SignedCheckpoint& made : key_changes) {
    if (made.checkpoint.size > size) break;
    if (auto wrong = take_key(made); !wrong.empty()) return "a checkpoint in key-chain " + wrong;
    signing_.size = made.checkpoint.size;
    if (made.checkpoint.next_key) keys_.emplace(++signing_.epoch, *made.checkpoint.next_key);
  }
  return {};
}

void Attestation::look_at_time(std::int64_t time_us) {
  if (last_us_ != 0 && heartbeat_us_ != 0) {
    if (time_us - last_us_ > 2 * heartbeat_us_ + kSlackUs)
      question_ = "no checkpoint came for " + std::to_string((time_us - last_us_) / 1'000'000) + " seconds, and one was promised every " +
                  std::to_string(heartbeat_us_ / 1'000'000);
    else if (time_us < last_us_)
      question_ = "the time of this checkpoint is before that of the last one";
  }
  last_us_ = time_us;
}

std::string Attestation::end() const {
  return wanted_ && keys_.empty() ? "the log is not signed, and a key of it was given" : "";
}

std::optional<NoteKey> Attestation::key_of(std::uint64_t epoch) const {
  const auto found = keys_.find(epoch);
  return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pgward::audit
