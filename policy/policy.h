// What a policy says, as plain data: which tables belong to a tenant, what is PHI, who may do what.
//
// Made by load_policy() (policy/file.h) from YAML; read by plan() (policy/plan.h). Immutable once
// loaded: a reload makes a new one, so a `const Policy&` never changes under a statement.
//
// Every rule remembers its place in the file, so that `pgward explain` can name the line that caused
// a predicate or a refusal.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/names.h"

namespace pgward::policy {

// A place in a policy or configuration file; line and column count from 1, and are 0 for a thing as a whole.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  std::string text() const;  // file:line:column
};

// Types a tenant column may have. The predicate compares the bare column with a literal of this type,
// never with a cast of the column (a cast leaks values in errors and defeats indexes).
enum class TenantType { uuid, int2, int4, int8, text, varchar };

// One attribute of a caller's tenant: where its value comes from (a claim of the credential), and the
// session setting of the upstream session that the database's row-level security reads.
struct TenantAttribute {
  std::string name;     // how tables refer to it
  std::string claim;    // claim of the verified credential
  std::string setting;  // e.g. app.tenant_id, lower case; set at start-up, locked for the client
  TenantType type = TenantType::text;
  Place place;
};

enum class TableKind {
  tenant,       // rows belong to tenants; every reference gets its predicate
  shared_read,  // reference data: SELECT only
  shared_write  // no tenant, may be written (e.g. a job queue without PHI)
};

// What happens when an INSERT leaves the tenant column out.
enum class MissingTenant {
  fill,    // the caller's value is added
  refuse,  // as row-level security would, unless the column's default reads the tenant's setting
};

struct TenantColumn {
  std::string column;
  std::string attribute;  // TenantAttribute::name
  Place place;
};

// Where the columns that name records and patients are read from, for the audit trail.
enum class KeyColumns {
  as_written,  // from what the statement shows and names
  add,         // pgward adds them to the answer where they are missing, and takes them out again before the client sees it
};

// `phi: all` in the file.
inline constexpr const char* kEveryColumn = "*";

// What the trail tells of a change besides that it was made: the values before and after it, by triggers that
// `pgward ddl` writes (policy/change_trigger_sql.h).
enum class ChangeValues {
  off,
  hash,      // as pseudonyms: equal values can be found, none can be read
  encrypted  // so that an officer with the tenant's key can read them
};

struct TableRule {
  RelationName name;
  TableKind kind = TableKind::tenant;
  // Tenant columns: at least one for TableKind::tenant; a table may carry several attributes.
  std::vector<TenantColumn> tenant;
  MissingTenant missing_tenant = MissingTenant::fill;
  std::vector<std::string> record;         // columns that name a record in the audit trail
  std::vector<std::string> subject;        // columns that name whose record it is (the patient)
  KeyColumns keys = KeyColumns::as_written;
  // Column -> kind of PHI (name, ssn, date, clinical, free_text, ...). The column kEveryColumn stands for
  // all that are not named besides.
  std::map<std::string, std::string> phi;
  ChangeValues changes = ChangeValues::off;
  Place place;

  // The kind of PHI in a column, or null when the policy does not call it PHI.
  const std::string* phi_kind(const std::string& column) const;
};

// explain: EXPLAIN shows row counts that the planner estimates from everybody's rows. listen: LISTEN and NOTIFY.
enum class StatementClass { select, insert, update, delete_, explain, ddl, listen, all };

// What a role reads in place of a column's value.
enum class Mask {
  none,      // nothing: naming the column is refused
  null,      // NULL
  constant,  // one text for all
  last4,     // *** and the last four characters
  hash       // what a function of the database makes of it
};

struct ColumnRule {
  Mask mask = Mask::none;
  std::string constant;   // empty: ***
  RelationName function;  // Mask::hash
  bool may_write = false;
  Place place;
};

// What a role without a tenant sees of a relation.
struct OpenedTable {
  std::set<std::string> columns;  // empty: all that the policy does not call PHI
  Place place;
};

// A role for emergencies: had for a short while, with a reason, and looked at afterwards by somebody else.
struct BreakGlass {
  std::int64_t max_minutes = 30;
  std::vector<std::string> reasons;   // codes; a free text would bring names of patients into the audit trail
  std::vector<std::string> roles;     // whoever has one of these may break the glass, besides who has the role itself
  std::vector<std::string> sign_off;  // whoever has one of these signs it off
  Place place;
};

struct Role {
  std::string name;
  std::set<StatementClass> may;
  Place place;
  std::map<RelationName, std::map<std::string, ColumnRule>> columns = {};
  // To a tenant. Without one (`tenant: none`) it sees the rows of all, but only of what it names in `opens`.
  bool bound = true;
  std::map<RelationName, OpenedTable> opens = {};
  std::optional<BreakGlass> break_glass = {};
};

enum class Mode {
  rls_and_predicate,  // predicate in the SQL, and the database's row-level security below it
  predicate           // no row-level security available
};

// The setting by which row-level security knows a role without a tenant; set at start-up, locked for the client.
inline constexpr const char* kRoleSetting = "pgward.role";

// Set at start-up to a word of the session's own: the triggers tell of changes in such sessions only. Locked for the client.
inline constexpr const char* kChangesSetting = "pgward.changes";

// Tables and functions that the policy does not name.
enum class Unlisted {
  refuse,
  allow  // nothing is protected: statements pass as they are (measuring, scrub-only deployments)
};

// A text of the database's own code (RAISE) that may reach a client. % stands for a value, which does not.
struct AllowedText {
  struct Test {
    std::string raised, shown;
    Place place;
  };
  std::string text;
  std::string sqlstate;  // the only one that it is allowed with; empty: any
  std::vector<Test> tests;
  Place place;
};

struct Policy {
  int version = 1;
  std::string source_sha256;  // of the file's bytes: named in every audit record
  Mode mode = Mode::rls_and_predicate;
  Unlisted unlisted = Unlisted::refuse;
  std::vector<TenantAttribute> tenant;
  std::map<RelationName, TableRule> tables;
  std::map<RelationName, Place> functions;  // users' functions that may be called, and where that stands
  std::map<std::string, Role> roles;
  std::vector<AllowedText> allowed_texts;

  const TenantAttribute* attribute(std::string_view name) const;
  // Some role has no tenant: then sessions tell the database their role (kRoleSetting).
  bool has_unbound_roles() const;
  bool tells_changes() const;  // of some table
  bool adds_keys() const;  // of some table
  const BreakGlass* break_glass(std::string_view role) const;  // null: not a role for emergencies
  // Whether `role` signs off emergency access as `emergency`. One that the policy has forgotten is signed off by
  // those who sign off any.
  bool may_sign_off(const std::string& role, const std::string& emergency) const;
  // True when no table is protected and unlisted ones are allowed: there is nothing to decide.
  bool passes_everything() const;
};

}  // namespace pgward::policy
