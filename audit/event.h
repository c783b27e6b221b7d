// Audit events as plain data, and their JSON members (research: the record schema of the trail).
//
// No field may hold a literal, a parameter or a row value in clear. Statements are named by the SHA-256 of
// their text and their kind; tables and columns by catalog names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/json_text.h"

namespace pgward::audit {

// Who, from where, onto what: the same for all records of a session, so rendered once.
struct Actor {
  std::string issuer, subject, role, credential_type, credential_id;
  std::int64_t credential_expires_at = 0;
  std::vector<std::pair<std::string, std::string>> tenant;  // attribute, value
  bool bound = true;  // false: of a role without a tenant, shown as "tenant":"none"
};
struct Source {
  std::string address;  // IP or "unix"
  std::uint16_t port = 0;
  std::string application;  // application_name as cleaned for records: printable ASCII, 63 bytes
  std::string tls;          // "TLSv1.3", or empty
};
struct Database {
  std::string host, name, user;
};

struct TouchedTable {
  std::string table;  // schema.name
  char action = 'R';  // C R U D
  std::vector<std::string> columns;  // empty with all_columns
  bool all_columns = false;
  std::vector<std::string> phi;  // kinds of PHI among them
};

// "actor":{..},"tenant":{..},"src":{..},"db":{..}
std::string session_members(const Actor& actor, const Source& source, const Database& database);

// The key that the session's pseudonyms are made with: one more member.
void append_subject_key(std::string& session_members, std::string_view kid);

struct SessionOpen { std::string_view session_members; std::string_view session_id; std::string_view policy_sha256; };
// A newer credential of the same person: later records of the session are under it.
struct SessionRenew {
  std::string_view session_id, credential_type, credential_id;
  std::int64_t credential_expires_at = 0;
};
struct SessionClose { std::string_view session_id; std::string_view reason; std::uint64_t statements = 0; };
// The revocation file was read: so many lines count; `bad_line` cannot be read (0: none).
struct RevocationList { std::size_t entries = 0; std::size_t bad_line = 0; bool complete = true; };
// Emergency access began: its id stands in every record of the session from then on.
struct BreakGlassOpen {
  std::string_view session_members, session_id, id;
  std::string_view reason;  // one of the policy's codes
  std::int64_t until = 0;
  std::string_view policy_sha256;
};
// Somebody else has looked at it.
struct BreakGlassSignOff { std::string_view session_members, session_id, id; };
// Whether the command that tells people of it has run, and ended well.
struct AlertSent { std::string_view id; bool sent = false; };
struct AuthFail { Source source; std::string_view reason; };  // reason: a code, never what was sent
// What a statement is and touches. Long; so one record of a session says it in full, and those of the same
// statement after it say only its number ("like"). So do those of a text that differs in literals without
// consequence only, with its own hash and size ("like" and "sql").
struct StatementText {
  std::string_view session_members;
  std::string_view kind;        // SELECT, INSERT, ...
  std::string_view sql_sha256;  // hex, of the client's text
  std::size_t sql_bytes = 0;
  std::string_view policy_sha256;
  bool rewritten = false;
  const std::vector<TouchedTable>* tables = nullptr;
};
struct StatementOutcome {
  std::uint64_t rows = 0;     // returned or changed
  std::string_view sqlstate;  // "00000", or the error's
};
// Durable before the statement is forwarded: it may change something.
struct StatementIntent {
  std::string_view session_id;
  std::uint64_t statement = 0;          // number within the session, from 1
  const StatementText* text = nullptr;  // null: the same as statement `like`
  std::uint64_t like = 0;               // with text: the same but for hash and size
  std::string_view touched = {};        // elements of "touched" (audit/touched.h); empty: no such member
};
// Durable before the first row is released: it can only disclose. With the outcome when that is known by then,
// as it is of all but long answers.
struct StatementRead {
  std::string_view session_id;
  std::uint64_t statement = 0;
  const StatementText* text = nullptr;  // as in StatementIntent
  std::uint64_t like = 0;
  const StatementOutcome* outcome = nullptr;  // null: a StatementResult follows
  std::string_view touched = {};
};
// More of what a statement touched, durable before the rows that it tells of are released.
struct StatementTouch {
  std::string_view session_id;
  std::uint64_t statement = 0;
  std::string_view touched;
};
// The server described rows of a protected table that the statement's plan did not name.
struct StatementMismatch {
  std::string_view session_id;
  std::uint64_t statement = 0;
  std::string_view table;  // catalog name
};
// After the server answered.
struct StatementResult {
  std::string_view session_id;
  std::uint64_t statement = 0;
  StatementOutcome outcome;
  std::string_view touched = {};
};
struct StatementDeny {
  std::string_view session_members;
  std::string_view session_id;
  std::uint64_t statement = 0;
  std::string_view sql_sha256;
  std::size_t sql_bytes = 0;
  std::string_view reason;    // name of the refusal
  std::string_view sqlstate;
  std::string_view object;    // catalog name or empty
};

// The JSON members of one record, "type" first, for Log::append().
std::string members(const SessionOpen&);
std::string members(const SessionRenew&);
std::string members(const SessionClose&);
std::string members(const BreakGlassOpen&);
std::string members(const BreakGlassSignOff&);
std::string members(const AlertSent&);
std::string members(const AuthFail&);
std::string members(const RevocationList&);
std::string members(const StatementIntent&);
std::string members(const StatementRead&);
std::string members(const StatementTouch&);
std::string members(const StatementMismatch&);
std::string members(const StatementResult&);
std::string members(const StatementDeny&);

}  // namespace pgward::audit
