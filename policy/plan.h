// Decides one statement string: refused, passed as it is, or rewritten so that it can only touch the
// caller's own rows.
//
//   plan()    parses, decides and rewrites for a role and a state of the session, without knowing the
//             tenant; proves the rewriting. Costs tens of microseconds: keep the result (PlanCache).
//   render()  puts one tenant's values in. Costs well under a microsecond.
//
// Pure: no clock, no I/O. Thread-safe; but the parser keeps a key per thread that called it, so call
// plan() only from a fixed set of threads.
//
// The tenant's values are never part of a Plan: one plan serves all tenants and cannot carry one
// caller's rows to another.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/catalog.h"
#include "policy/copy_in/copy_in.h"
#include "policy/literals.h"
#include "policy/policy.h"
#include "policy/refusal.h"
#include "policy/touched_keys.h"

namespace pgward::policy {

// Values of the tenant attributes of one caller, checked and brought into canonical form
// (uuid lower-case with dashes, integers without sign or zeros in front). Only tenant_values() makes one.
class TenantValues {
 public:
  const std::string* find(std::string_view attribute) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return values_; }
  // 16 characters that stand for all of them, and nobody else's: what keeps names apart that tenants share.
  const std::string& tag() const { return tag_; }
  bool operator==(const TenantValues&) const = default;

 private:
  friend std::variant<TenantValues, std::string> tenant_values(
      const Policy&, const std::map<std::string, std::string, std::less<>>&);
  std::vector<std::pair<std::string, std::string>> values_;  // attribute name, canonical text
  std::string tag_ = std::string(16, '0');
};
// From the claims of a verified credential (claim name -> text). The error names the attribute that is
// missing or not of its type, never the value.
std::variant<TenantValues, std::string> tenant_values(
    const Policy& policy, const std::map<std::string, std::string, std::less<>>& claims);

// The same for a session of this role: one without a tenant has no values, and a credential that names a
// tenant all the same was not made for it. A role that the policy does not have is taken for a bound one.
std::variant<TenantValues, std::string> tenant_values(
    const Policy& policy, std::string_view role, const std::map<std::string, std::string, std::less<>>& claims);

// The canonical text of a literal for a tenant type, or nothing when it is not of that type. What the
// server would accept but this does not know is "nothing": the caller refuses.
std::optional<std::string> canonical(TenantType type, std::string_view text);
// The same for a binary-format parameter (uuid: 16 bytes, int2/4/8: network order, text: as it is).
std::optional<std::string> canonical_binary(TenantType type, std::uint32_t type_oid, std::string_view bytes);

enum class StatementKind {
  empty, select, insert, update, delete_, merge, values,
  begin, commit, rollback, savepoint, release, rollback_to,
  set, reset, show, discard_all, deallocate, deallocate_all,
  copy, lock,
  declare, fetch, move, close, prepare, execute, explain, call, set_constraints,
  create_table, create_table_as, drop_table, truncate,
  ddl, listen, unlisten, notify,
  other
};
std::string_view name_of(StatementKind kind);  // "SELECT", ...

// What a statement touches in one relation; for the audit record.
struct Touch {
  RelationName relation;
  char action = 'R';                      // C create, R read, U update, D delete
  std::vector<std::string> columns;       // columns named, sorted; empty with all_columns
  bool all_columns = false;               // *, whole row, or not known
  std::vector<std::string> phi_columns;   // those of them that the policy calls PHI
  std::vector<std::string> phi_kinds;     // their kinds, sorted, once each
};

// A column that was put in front of the others of the answer, so that the trail can name the record. The client never
// sees it: the session takes it out of every row.
struct AddedKey {
  RelationName relation;
  std::string column;
};
// What the server calls each of them.
inline constexpr std::string_view kAddedKeyName = "pgward:key";

// A predicate (or check) that was put in, and the policy line that caused it.
struct Enforcement {
  RelationName relation;
  std::string reference;  // alias or name under which the statement knows the relation
  std::string column;
  std::string attribute;
  enum class How { where, on, subselect, insert_value, insert_added, assignment_guard, copied_rows } how = How::where;
  Place place;
};

struct Plan;

// An argument of EXECUTE, as far as the text tells.
struct Argument {
  enum class Kind { null, text, number, computed } kind = Kind::computed;
  std::string value;
};

// What a statement does with a name that lives in the session. SQL's cursors share their names with the
// protocol's portals, and PREPARE shares its own with Parse: what a name stands for when the statement runs,
// only the session knows.
struct NameUse {
  enum class Verb { declare, fetch, close, close_all, prepare, execute, current_of };
  Verb verb = Verb::fetch;
  std::string name;
  bool holdable = false;                         // declare: WITH HOLD
  std::shared_ptr<const Plan> meaning;           // declare, prepare: what the name stands for from then on
  std::vector<std::uint32_t> parameter_types;    // prepare: as in Parse; 1 for a type that is none of a tenant's
  std::vector<Argument> arguments;               // execute
  std::optional<RelationName> target;            // current_of: the protected relation whose row it is
};

struct StatementFacts {
  StatementKind kind = StatementKind::other;
  std::vector<Touch> touches;         // protected relations only
  bool touches_phi = false;           // must be recorded before it is forwarded
  bool writes = false;                // INSERT, UPDATE, DELETE, MERGE anywhere in it
  // It can change nothing: a query that writes nowhere, calls no function or operator of the database's own and
  // reads no view (whose functions are not looked at). Only then may it run before its record is durable.
  bool reads_only = false;
  bool changes_search_path = false;   // the session must ask the server for its path afterwards
  bool reads_views = false;           // names a view or a foreign table: its rows are those of others
  std::string deallocates;            // kind == deallocate: the prepared statement's name
  std::string savepoint;              // kind == savepoint, release, rollback_to: its name
  // COPY .. FROM STDIN: how its data are to be checked before they are forwarded (policy/copy_in/rows.h).
  std::shared_ptr<const CopyIn> copy_in;
  std::vector<NameUse> names;         // to be resolved before it runs
  std::string makes_temporary;        // name of the temporary table that it makes
  std::vector<Enforcement> enforcements;
  std::vector<AddedKey> added_keys;   // the first columns of each row, in this order
  bool rows_swallowed = false;        // its rows are the added keys alone: the client asked for none
  std::shared_ptr<const StatementKeys> keys;  // where the keys of what it touches stand; null: the policy names none of its tables'
};

// $n must equal the caller's attribute when it is bound (INSERT .. VALUES ($1)).
struct BindCheck {
  unsigned parameter = 0;  // n, from 1
  std::string attribute;
  TenantType type = TenantType::text;
  RelationName relation;
};
// A constant in the text must equal the caller's attribute; checked by render().
struct LiteralCheck {
  std::string value;  // canonical
  std::string attribute;
  RelationName relation;
};

// Where the written tenant value is an expression, it is wrapped in a CASE whose other arm fails at run
// time with an "invalid input syntax" error that holds this text. A session answers foreign_tenant to a
// client when it sees it.
inline constexpr std::string_view kGuardMarker = "pgward:foreign-tenant";

// A piece of an edit: the caller's TenantValues::tag(), as it is.
inline constexpr std::size_t kTagPiece = static_cast<std::size_t>(-1);
// What the server knows a channel of NOTIFY by: this, the tag, an underscore, and the client's own name.
inline constexpr std::string_view kChannelPrefix = "pgward_";

// One replacement in the client's text, in bytes of that text, in order and without overlap.
struct Edit {
  std::size_t at = 0;
  std::size_t removed = 0;
  // Pieces of the inserted text: plain SQL, or the index of a tenant attribute in Policy::tenant whose
  // value is put there as a quoted literal, or kTagPiece.
  std::vector<std::variant<std::string, std::size_t>> inserted;
};

struct Plan {
  std::optional<Refusal> refusal;  // set: nothing below counts but `object`
  std::string object;              // catalog name that the refusal is about, or empty
  Place place;                     // the policy line that caused the refusal, when there is one
  std::vector<Edit> edits;         // none: the text goes on as it came
  std::vector<StatementFacts> statements;
  std::vector<BindCheck> bind_checks;
  std::vector<LiteralCheck> literal_checks;
  // Of the planned text, all of them. Not empty: the plan is the same for each text of the same shape whose other
  // literals are equal to these, but for those that are free (PlanCache).
  std::vector<Literal> literals;
  // Free literals that are values of keys: KeySource::index.
  struct KeyLiteral {
    std::uint32_t literal = 0;
    bool negative = false;
  };
  std::vector<KeyLiteral> key_literals;
  std::vector<std::uint32_t> key_parameters;  // parameters that are values of keys, sorted
  bool uses_names() const;         // some statement has `names`
  std::size_t bytes() const;       // rough size in memory, for the cache's bound
};

enum class QueryProtocol { simple, extended };

struct Question {
  std::string_view sql;
  QueryProtocol protocol = QueryProtocol::simple;
  const Role& role;
  // Schemas in the order in which the server looks, as current_schemas(true) gives them. Nothing when
  // not known: then every bare relation name is refused (search_path_unsettled).
  const std::vector<std::string>* search_path = nullptr;
  // Names of the session's temporary tables, sorted; also of those that may be gone again: they are always
  // written as pg_temp.name, which means nothing else.
  const std::vector<std::string>* temporary = nullptr;
};

struct PlanLimits {
  std::size_t sql_bytes_max = 4u << 20;
  unsigned depth_max = 500;
  unsigned comment_depth_max = 32;
  unsigned operator_run_max = 64;  // bytes in a row that could be one operator: the scanner is quadratic there
};

Plan plan(const Question& question, const Policy& policy, const Catalog& catalog, const PlanLimits& limits = {});

// The statement as this caller's server session will see it. A failing literal check or a missing value
// is a refusal.
struct Rendered {
  std::optional<Refusal> refusal;
  std::string object;
  std::string sql;       // empty when the text is unchanged: forward the client's own bytes
  bool changed = false;
};
// `literals`: of `sql`, when it is not the text that was planned but another of its shape.
Rendered render(const Plan& plan, std::string_view sql, const Policy& policy, const TenantValues& tenant,
                const std::vector<Literal>* literals = nullptr);

// Where an error position of the rewritten text (in characters, from 1, as in ErrorResponse field P)
// points to in the client's text; 0 when it points into inserted text. `sql` may be any text of the plan's shape.
std::uint32_t original_position(const Plan& plan, std::string_view sql, const Policy& policy,
                                const TenantValues& tenant, std::uint32_t rewritten_position);

// Judges a setting that a client wants to change, by SET or at start-up: nothing when it may.
std::optional<Refusal> judge_setting(const Policy& policy, std::string_view name, std::string_view value);

}  // namespace pgward::policy
