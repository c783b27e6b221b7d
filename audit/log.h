// The tamper-evident audit log: JSON lines, each holding the hash of the line before it, made durable
// by group commit.
//
//   Log::open(config, now)            finds the end of the chain; a torn last line (crash) is cut off, and a
//                                     log.recover record says so; anything else that does not fit is an error
//   append(members, now) -> ticket    queues a record; returns at once
//   commit()                          at the end of a round of events: writes what gathered, in the caller's thread
//   on_progress                       called from the thread that writes when fates were decided, when the log
//                                     failed, and when it works again; must return quickly
//   fate(ticket)                      what then became of the record: the one question before acting on it
//
// What gathered is written as one group with one fdatasync: by whoever calls commit(), as long as the disk is quick, else
// by the log's own thread (docs/decisions/0019-commit-in-place.md). The bytes stored are the bytes hashed. Thread-safe.
//
// When a write or sync fails, failed() turns true and every ticket that is not durable by then is lost, for
// ever: its record will not appear later, and what was to be recorded must be refused. append() gives 0
// until the log has been mended (tried every second; a log.degraded record tells of the gap). Because the
// log may be failed and mended again between two looks, failed() is news, not an answer about a ticket.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pgward::audit {

using Ticket = std::uint64_t;  // grows by one with each append(), from 1

// `durable` (fdatasync done) and `lost` are final.
enum class Fate { waiting, durable, lost };

// `now`: somebody waits for this record to be durable. `soon`: nobody does; it becomes durable with the next
// group that somebody waits for, or after 20 ms, and saves a sync of its own. `commit`: as `now`, by somebody who calls
// commit() when it has nothing else to do; until then it may wait.
enum class Pace { now, commit, soon };

class Anchor;

// Checkpoints of the log, and who else keeps them (docs/audit-format.md).
struct SigningConfig {
  std::filesystem::path keys;  // directory of the signing key; empty: nothing is signed (tests, tools)
  std::int64_t checkpoint_us = 1'000'000;  // so often while there are new records
  std::int64_t heartbeat_s = 60;           // and so often while there are none
  std::int64_t epoch_us = 86'400'000'000;  // how long one key signs
  std::vector<std::shared_ptr<Anchor>> anchors;
  bool anchors_required = false;           // what must be recorded is refused while one of them was not reached for
  std::int64_t anchor_patience_s = 600;    // so long. One that contradicts the log is a reason at once.
  // An anchor fails (why), or works again (null). Called from a thread of the log's.
  std::function<void(const std::string& anchor, const std::string* fault)> on_anchor;
  std::function<std::int64_t()> unix_us;   // a clock: microseconds since 1970
};

// What becomes of old segments of a signed log (docs/audit.md).
struct RetentionConfig {
  std::int64_t keep_s = std::int64_t{2192} * 86'400;  // six years and a day
  bool purge = false;                                 // whether what is older is removed
  bool compress = false;
  std::int64_t look_s = 60;                           // how often; 0: never
  std::function<void(const std::string& trouble)> on_trouble;
};

struct LogConfig {
  std::filesystem::path directory;           // made with mode 0700 when missing; files 0600
  std::string instance = "pgward";           // names the log: "<instance>/<start>"; A-Z a-z 0-9 . _ -
  std::uint64_t segment_bytes = 256u << 20;  // a new file is begun after so many bytes (and at most a group)
  std::size_t queue_bytes_max = 64u << 20;   // append() refuses (ticket 0) beyond that
  std::function<void()> on_progress;
  // A steady clock, in microseconds: how long a sync takes decides how long a group may wait for company, and who may
  // write it. Without one: the least, and the log's own thread.
  std::function<std::int64_t()> steady_us;
  SigningConfig signing;
  RetentionConfig retention;
};

class Log {
 public:
  // `now_us`: microseconds since 1970 UTC, stored as RFC 3339 text in the record's "ts".
  static std::variant<std::unique_ptr<Log>, std::string> open(LogConfig config, std::int64_t now_us);
  virtual ~Log() = default;

  // `members`: the record's own members as JSON text without braces, "type" first:
  // "\"type\":\"stmt.intent\",...". The log adds v, log, seq, ts and prev. 0: not queued (failed, the queue
  // is full, longer than 1 MiB less 512 bytes, or not of that form); fate(0) is lost.
  virtual Ticket append(std::string members, std::int64_t now_us, Pace pace = Pace::now) = 0;
  virtual Fate fate(Ticket ticket) const = 0;
  // All tickets up to this one are durable. Never passes a lost one: once something was lost it stands
  // still for good, so a caller that compares tickets with it waits too long, but never believes too much.
  virtual Ticket durable() const = 0;
  // Number of the last record that is durable, those of the log itself included: what lies behind it may still be cut off
  // again. For those who read the log while it is written (audit/follow.h).
  virtual std::uint64_t durable_seq() const = 0;
  virtual bool failed() const = 0;
  // failed() not because of the disk, but because an anchor says that nothing more may be relied upon.
  virtual bool barred() const { return false; }
  // How often the disk has failed so far: each time some records may have been lost.
  virtual std::uint64_t failures() const { return 0; }
  // Writes and syncs what is queued, if somebody waits for it and the disk is quick; it may take as long as a sync. When
  // others who are likely to come are worth waiting for: in how long to call again, unless something happens before.
  // Nothing: there is nothing to do, or another thread does it.
  virtual std::optional<std::chrono::microseconds> commit() { return std::nullopt; }
  // Waits until everything queued is durable (true), or the log failed. For shutdown and tools.
  virtual bool flush() = 0;
  // Writes what is queued and the log's last words: nothing may be appended any more, and durable_seq() is final. The
  // destructor does so, too; whoever reads the log to its end calls it before.
  virtual void end() {}
};

}  // namespace pgward::audit
