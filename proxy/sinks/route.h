// From the log to what a sink is handed: where it stood, what came since, completed, chosen and rendered.
//
//   Route route(log_directory, cursor_file, place, producer)
//   route.open(durable)     takes up the cursor; again after every error
//   route.next(durable)     the next load, of about 1 MiB at most; nothing passed: there is nothing new
//   route.delivered(load)   the other side has it; nothing is written yet
//   route.save()            makes that survive a kill
//
// Waits for the disk, and for nothing else. For one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "audit/complete.h"
#include "audit/follow.h"
#include "proxy/config/sinks.h"
#include "proxy/sinks/cursor.h"
#include "proxy/sinks/sink.h"

namespace pgward::proxy {

struct Load {
  std::vector<Parcel> parcels;  // may be empty though records were passed: none was of a type that is wanted
  Cursor end;                   // behind the last record that was passed whole; 0: none was
  bool whole = true;            // false: more of the last record comes with the next load
  std::int64_t oldest_us = 0;   // time of its first record
};

class Route {
 public:
  Route(std::filesystem::path log, std::filesystem::path cursor_file, const SinkPlace& place, audit::Producer producer)
      : log_(std::move(log)), cursor_file_(std::move(cursor_file)), place_(place), producer_(std::move(producer)) {}

  // Why not, or empty. `durable`: the log's durable_seq().
  std::string open(std::uint64_t durable);
  std::variant<Load, std::string> next(std::uint64_t durable);
  void delivered(const Load& load);
  std::string save();  // why not, or empty
  bool unsaved() const { return unsaved_; }
  std::uint64_t seq() const { return cursor_.seq; }

 private:
  // A record whose texts are being handed out: thousands of patients are thousands of texts (fhir), and several loads.
  struct Rest {
    Rest(audit::CompleteEvent taken, Cursor behind, audit::Format format, const audit::Producer& producer)
        : event(std::move(taken)), end(std::move(behind)), texts(format, event, producer) {}
    const audit::CompleteEvent event;
    const Cursor end;
    audit::Rendering texts;
    std::size_t part = 0;
  };
  void take(Load& load, std::size_t& bytes);
  std::string begin(std::uint64_t durable);
  std::string go_on(std::uint64_t durable);
  bool wanted(std::string_view type) const;

  std::filesystem::path log_, cursor_file_;
  const SinkPlace& place_;
  audit::Producer producer_;
  Cursor cursor_;
  bool unsaved_ = false;
  std::optional<audit::Follower> follower_;
  std::optional<audit::Completer> completer_;
  std::optional<Rest> rest_;
};

}  // namespace pgward::proxy
