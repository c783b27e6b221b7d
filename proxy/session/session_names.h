// What the names in a statement of SQL stand for: cursors and prepared statements of this session.
//
// resolve() before a statement that uses names is recorded and forwarded; then start(); then settle() once
// for each statement of the text, in order, with what the server answered.
//
// FETCH, EXECUTE and WHERE CURRENT OF run what was judged when the name was made, so a name must be known
// here: what the server knows by a name that this session did not make (a cursor that a function opened) is
// refused. What they read and change is put into the facts, and so into the audit record of the statement.
//
// The rules about messages in flight are those of NameTable.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "proxy/session/expected.h"
#include "proxy/session/message_memory.h"
#include "proxy/session/name_table.h"

namespace pgward::proxy {

// No client can make these: refused messages are replaced by one that needs them to be missing.
inline constexpr std::string_view kReservedName = "pgward: refused";
inline constexpr std::string_view kReservedPortal = "pgward: refused. A name that is longer than any cursor's, which SQL cuts short";
static_assert(kReservedPortal.size() > 63);  // so an honest client cannot meet it by accident, in SQL

// The server's memory for names has no bound but its machine's; ours is everybody's.
struct SessionNames {
  explicit SessionNames(MessageMemory& of_all) : held(of_all) {}
  NameTable<Prepared> prepared;
  NameTable<Prepared> portals;
  std::size_t names_max = 5'000;                    // in each of the two
  std::size_t bytes_max = std::size_t{64} << 20;
  MessageMemory::Share held;

  // Another name, that is; the unnamed one has its place, and so has one that is replaced.
  bool no_room_for(const NameTable<Prepared>& names, const std::string& name, const Statement& meaning) const {
    if (name.empty() || names.holds(name)) return false;
    return names.size() - (names.holds("") ? 1 : 0) >= names_max || names.bytes() >= bytes_max ||
           !held.could_hold(bytes() + Prepared::bytes(meaning));
  }
  std::size_t bytes() const { return prepared.bytes() + portals.bytes(); }
  // After names were made or forgotten.
  void count() { held.must_hold(bytes()); }
};

struct Resolution {
  bool wait = false;  // for the answers to what is in flight
  std::optional<policy::Refusal> refusal;
  std::string object;
  std::shared_ptr<const Statement> statement;  // with what its names stand for; else as it was
};

// Judged under a policy that is no longer in force.
bool outdated(const Prepared& prepared, const World& now, const Caller& caller);

Resolution resolve(const SessionNames& names, std::shared_ptr<const Statement> statement, std::uint64_t segment,
                   const Caller& caller, const World& now);

// The statement is on its way: names that it makes go into the tables and into `entry.made`.
void start(SessionNames& names, const Statement& statement, std::uint64_t segment, Expected& entry);
// The statement with this index took effect, or did not.
void settle(SessionNames& names, const Expected& entry, std::size_t statement, bool took_effect);

}  // namespace pgward::proxy
