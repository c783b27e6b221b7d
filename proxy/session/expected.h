// One reply that the server owes us: the queue of these is how replies find what they are about.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/session/fifo.h"
#include "proxy/session/gate.h"

namespace pgward::proxy {

class TouchedRows;

// What is known of the rows that a prepared statement or a portal gives.
struct RowSlot {
  std::optional<RowShape> shape;
  bool asked = false;     // the server was, and its answer is on its way
  bool declared = false;  // `shape` is of tables that the prepared statement names
  std::shared_ptr<const KeyLayout> layout;  // made of it last
};

// A prepared statement: its decision, and the parameter types that the client gave.
struct Prepared {
  std::shared_ptr<const Statement> statement;
  std::vector<std::uint32_t> parameter_types;    // not a portal's: its values are bound
  bool holdable = false;  // a cursor that outlives its transaction
  std::shared_ptr<RowSlot> rows = {};            // null: nothing is to be known of its rows
  std::optional<BoundKeys> bound = {};           // a portal's
  // Roughly: the client's text, ours, and what was found out about it.
  std::size_t bytes() const { return bytes(*statement) + 4 * parameter_types.size(); }
  static std::size_t bytes(const Statement& statement) { return 1024 + 2 * statement.sql_bytes + statement.changed_sql.size(); }
};

// A name that a statement of SQL gives a meaning to, while the server has not said whether it worked.
struct MadeName {
  std::size_t statement = 0;  // which one of the text
  bool portal = false;        // else a prepared statement
  std::string name;
  std::shared_ptr<const Prepared> meaning;
};

struct Expected {
  enum class Kind : std::uint8_t {
    parse,           // ParseComplete
    bind,            // BindComplete
    describe,        // RowDescription or NoData (after ParameterDescription for a statement)
    execute,         // CommandComplete, EmptyQueryResponse or PortalSuspended
    close_statement, // CloseComplete
    close_portal,    // CloseComplete
    sync,            // ReadyForQuery
    query,           // replies to each statement, then ReadyForQuery
    probe            // a question of our own; its replies stay here
  };
  Kind kind = Kind::sync;
  std::uint64_t segment = 0;
  std::string name;                          // statement or portal, as key_of() gives it
  bool tracked = false;                      // NameTable::started() was called for it
  std::shared_ptr<const Prepared> prepared;  // parse, bind, describe, execute
  std::shared_ptr<const Statement> statement;  // query, and what the others rest on
  // Set: a message that is bound to fail was sent instead, and its error becomes this one.
  std::optional<policy::Refusal> refusal;
  std::string object;
  std::vector<MadeName> made;      // by DECLARE and PREPARE
  std::uint64_t first_number = 0;  // number in the session of the first statement in it
  std::size_t done = 0;            // statements of a query that are complete
  std::uint64_t rows = 0;          // of the one that is running
  bool hidden = false;             // describe: asked by us, and not for the client
  std::shared_ptr<TouchedRows> touched = {};  // by the one that is running
  bool read_recorded = false;      // its rows were released, under a record without outcome
  std::size_t copies_begun = 0;    // statements before this one have had their CopyInResponse
};

// Whether the statement that is running is recorded with its answer rather than before it.
inline bool reads_phi(const Expected& entry) {
  if (!entry.statement || entry.first_number == 0) return false;
  const auto& statements = entry.statement->plan->statements;
  return entry.done < statements.size() && statements[entry.done].touches_phi && statements[entry.done].reads_only;
}

// The server keeps names of statements and portals in tables with keys of NAMEDATALEN: two names that agree
// in their first 63 bytes are one.
inline std::string_view key_view(std::string_view name) { return name.substr(0, 63); }
inline std::string key_of(std::string_view name) { return std::string(key_view(name)); }

using ReplyQueue = Fifo<Expected>;

}  // namespace pgward::proxy
