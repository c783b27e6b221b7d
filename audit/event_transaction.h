// Records about transactions that changed PHI: that one is about to be committed, how it ended, and what of it a ROLLBACK TO
// undid. Statements are named by their numbers within the session.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pgward::audit {

// Durable before the COMMIT is forwarded, and with it everything that was told of the transaction before.
struct TransactionCommit {
  std::string_view session_id;
  std::uint64_t statement = 0;  // the COMMIT
  std::uint64_t from = 0, through = 0;
};

struct TransactionEnd {
  std::string_view session_id;
  std::string_view outcome;  // committed, rolled_back, unknown
  std::uint64_t from = 0, through = 0;
  std::string_view xid;      // with `unknown`, when it is known: pg_xact_status(xid) tells more
  bool vague = false;        // some of it may have been undone before
};

// What these statements changed is as if it had never been.
struct TransactionUndone {
  std::string_view session_id;
  std::uint64_t statement = 0;  // the ROLLBACK TO
  std::uint64_t from = 0, through = 0;
};

// Rows that a statement changed, with pseudonyms of their values, or sealed; told by the database while it ran.
struct StatementChange {
  std::string_view session_id;
  std::uint64_t statement = 0;
  std::string_view xid;      // of the transaction, for pg_xact_status()
  std::string_view changes;  // elements of the list
};

std::string members(const StatementChange&);
std::string members(const TransactionCommit&);
std::string members(const TransactionEnd&);
std::string members(const TransactionUndone&);

}  // namespace pgward::audit
