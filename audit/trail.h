// The log on disk as one thread sees it: groups of records go in, whole or not at all.
//
//   write(group)                  and when it failed: nothing of it counts, and nothing more can be written
//   before mend(...)                     has cut the log back to its last durable byte and recorded the gap
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "audit/chain.h"
#include "audit/directory.h"
#include "audit/log.h"
#include "audit/recover.h"
#include "audit/segment_file.h"
#include "audit/signer.h"

namespace pgward::audit {

struct Entry {
  std::string_view members;  // good for the call
  std::int64_t now_us = 0;
};

class Trail {
 public:
  // Recovers what is there and records the start; both are durable on return.
  static std::variant<std::unique_ptr<Trail>, std::string> open(const LogConfig& config, std::int64_t now_us);

  // On success all of them are on disk; those without members are passed over. With a time and a signing key,
  // a checkpoint of what was there before goes in front of them.
  IoResult write(std::span<const Entry> group, std::optional<std::int64_t> checkpoint_now_us = std::nullopt);
  // After an error of write(): `degraded` is the record of it.
  IoResult mend(const Entry& degraded);

  std::uint64_t last_seq() const { return chain_.next_seq - 1; }  // durable
  bool is_signed() const { return signer_ != nullptr; }
  const std::string& origin() const { return signer_->origin(); }
  const std::string& signing_trouble() const { return signer_->trouble(); }
  // The checkpoint that was written last, once.
  std::optional<SignedCheckpoint> take_checkpoint() { return std::exchange(written_, std::nullopt); }
  // Whether there are records behind it.
  bool is_ahead() const { return !chain_.fresh.nodes().empty() && chain_.fresh.end() - chain_.fresh.begin() > 1; }

 private:
  Trail(const LogConfig& config, Directory directory, LogEnd end);
  IoResult have_segment();
  IoResult begin_segment();

  Directory directory_;
  std::unique_ptr<Signer> signer_;
  std::optional<SignedCheckpoint> written_;
  Chain chain_, next_;  // of what is durable; of the group that is being written
  std::optional<SegmentFile> segment_;  // nothing: the next write begins one
  SegmentNumber next_segment_;
  std::uint64_t segment_bytes_;
  std::size_t grow_bytes_;
  std::string group_;  // kept for its capacity
};

}  // namespace pgward::audit
