// The tamper-evident audit log: JSON lines, each holding the SHA-256 of the line before it, made durable
// by group commit.
//
//   Log::open(config, now)            finds the end of the chain; a torn last line (crash) is cut off, and a
//                                     log.recover record says so; anything else that does not fit is an error
//   append(body, now) -> ticket       queues a record; returns at once
//   durable()                         the highest ticket whose record is on disk (fdatasync done)
//   on_progress                       called from the writer thread when durable() moved or the log failed
//
// One writer thread takes what gathered during the last fdatasync and writes it as one group. The bytes
// stored are the bytes hashed. Thread-safe. When a write or sync fails, failed() turns true, no later
// ticket becomes durable, and callers must refuse what they wanted recorded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace pgward::audit {

using Ticket = std::uint64_t;  // grows by one with each append(), from 1

struct LogConfig {
  std::filesystem::path directory;           // made with mode 0700 when missing; files 0600
  std::string instance = "pgward";           // names the log: "<instance>/<start>"
  std::uint64_t segment_bytes = 256u << 20;  // a new file is begun after so many bytes
  std::size_t queue_bytes_max = 64u << 20;   // append() refuses (ticket 0) beyond that
  std::function<void()> on_progress;
};

class Log {
 public:
  // `now_us`: microseconds since 1970 UTC, stored as RFC 3339 text in the record's "ts".
  static std::variant<std::unique_ptr<Log>, std::string> open(LogConfig config, std::int64_t now_us);
  virtual ~Log() = default;

  // `members`: the record's own members as JSON text without braces, e.g. "\"type\":\"stmt.intent\",...".
  // The log adds v, log, seq, ts and prev. 0: not queued (failed, or the queue is full).
  virtual Ticket append(std::string members, std::int64_t now_us) = 0;
  virtual Ticket durable() const = 0;
  virtual bool failed() const = 0;
  // Waits until everything queued is durable or the log failed. For shutdown and tools.
  virtual bool flush() = 0;
};

}  // namespace pgward::audit
