// Records that stand for themselves. In the log a record says what is new: later records of a session leave out who it
// belongs to, later runs of a statement say only "like" and a number, and an outcome says only which statement it is of
// (audit/event.h). A Completer remembers what was said before and puts it in.
//
//   Completer completer;
//   completer.feed(line)    lines of one log in their order, each without its newline
//     -> CompleteEvent      the line's own members as they stand there, and behind them (before "prev") those it left out:
//                           actor, tenant, src, db, subject_key, policy, op, sql, rewritten, tables; and "cred", when the
//                           session rests on another credential by now than its actor says
//     -> LineFault          it is no record of a log; nothing was remembered of it
//   needed_from()           the first record that another Completer would have to be fed with to go on as well from here
//
// What could not be completed is told (`missing`, and a member "incomplete" in the record): the record it refers to was
// purged with its segment, or lies before the first line that was fed, or was forgotten because memory is bounded.
//
// A session is forgotten at its session.close, all of them at log.open. Memory: `bytes_max`, however many sessions and
// statements there are; what has not been asked for the longest goes first. Hostile lines cost no more than their length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "audit/line.h"

namespace pgward::audit {

// What a record refers to and is not known.
enum class Missing { nothing, session, statement };

struct CompleteEvent {
  std::uint64_t seq = 0;
  std::string log;   // "<instance>/<start>"
  std::string ts;    // RFC 3339
  std::string type;
  std::string hash;  // of the line, as the next one names it
  Missing missing = Missing::nothing;
  nlohmann::ordered_json record;  // all members, the envelope's as well

  // A member that is a text; empty: there is none, or it is none.
  std::string_view text(const char* member) const;
  // The same of an object within: text("actor", "sub").
  std::string_view text(const char* object, const char* member) const;
  // Null when there is none.
  const nlohmann::ordered_json* find(const char* member) const;
};

class Completer {
 public:
  explicit Completer(std::size_t bytes_max = std::size_t{128} << 20);
  ~Completer();
  Completer(Completer&&) noexcept;
  Completer& operator=(Completer&&) noexcept;

  std::variant<CompleteEvent, LineFault> feed(std::string_view line);
  // 0: nothing was fed.
  std::uint64_t needed_from() const;
  std::size_t bytes() const;  // remembered, as it counts it

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace pgward::audit
