// What the database contains, as plain data: one consistent picture of relations, columns, functions
// and operators, against which a statement is decided.
//
// Filled by proxy/catalog_reader (libpq) or by a test. Immutable once built; a refresh makes a new one.
// What is not in it does not exist for a decision, and is refused.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/names.h"

namespace pgward::policy {

using Oid = std::uint32_t;

enum class RelationKind { table, partitioned_table, view, materialized_view, foreign_table, sequence, index, composite_type, toast };

struct Column {
  std::string name;
  std::string type;          // format_type(atttypid, NULL): "uuid", "integer", "character varying"
  int number = 0;            // attnum, from 1; dropped columns are left out
  bool not_null = false;
  bool generated = false;    // GENERATED ALWAYS AS (..) STORED
  std::string default_expr;  // pg_get_expr text, empty when there is none
  bool readable = true;      // by the upstream user: SELECT on it, or on the whole table

  bool operator==(const Column&) const = default;
};

// A row-level security policy that applies to the upstream user.
struct RowPolicy {
  std::string name;
  bool permissive = true;   // else restrictive
  char command = '*';       // pg_policy.polcmd: * all, r SELECT, a INSERT, w UPDATE, d DELETE
  std::string using_expr;   // pg_get_expr texts, empty when there is none
  std::string check_expr;   // empty: the server takes using_expr in its place

  bool operator==(const RowPolicy&) const = default;
};

struct Relation {
  Oid oid = 0;
  RelationName name;
  RelationKind kind = RelationKind::table;
  std::string owner;
  std::vector<Column> columns;     // by attnum
  std::vector<Oid> parents;        // pg_inherits: partition parent or inheritance parents
  bool row_security = false;       // relrowsecurity
  bool force_row_security = false; // relforcerowsecurity
  bool security_invoker = false;   // views: reloptions
  bool has_rules = false;          // tables: CREATE RULE; what RETURNING gives then, and whether it may stand, they say
  std::vector<RowPolicy> row_policies;
  std::string view_definition;     // views and materialized views: pg_get_viewdef
  std::string change_trigger;      // pg_trigger.tgenabled, a blank and pg_get_triggerdef(), of one named pgward_changes; or empty
  std::vector<Oid> reads;          // the same: relations that the definition names, views among them, by oid

  const Column* column(std::string_view column_name) const;
  bool operator==(const Relation&) const = default;
};

enum class Volatility { immutable, stable, volatile_ };

struct Function {
  Oid oid = 0;
  RelationName name;
  Volatility volatility = Volatility::volatile_;
  std::string language;  // internal, c, sql, plpgsql, ...
  bool security_definer = false;
  bool leakproof = false;
  bool returns_set = false;
  char kind = 'f';        // pg_proc.prokind: f, p, a, w
  std::string extension;  // extension it belongs to, empty when none
  std::string source;     // prosrc for internal functions: the C symbol
  std::string owner;
  bool executable = false;  // by the upstream user; asked for functions outside of pg_catalog only

  bool operator==(const Function&) const = default;
};

struct Operator {
  RelationName name;       // schema and symbol
  RelationName function;   // the function behind it
  std::string left = {};   // format_type(oprleft, NULL), empty for a prefix operator
  std::string right = {};
  bool leakproof = false;  // that function's proleakproof

  bool operator==(const Operator&) const = default;
};

struct Catalog {
  std::uint64_t version = 0;                   // grows with each refresh
  int server_version_num = 0;                  // e.g. 150020
  std::string database;
  std::string upstream_user;
  bool upstream_bypasses_rls = false;          // superuser or BYPASSRLS
  std::set<std::string, std::less<>> bypassing_roles;  // all roles of which that is true: they may own views
  std::set<std::string, std::less<>> upstream_roles;   // roles that the upstream user is a member of, at any remove
  std::vector<std::string> default_search_path;  // current_schemas(true) of a fresh upstream session
  std::map<RelationName, Relation> relations;
  std::map<Oid, RelationName> relation_by_oid;
  std::multimap<std::string, Function, std::less<>> functions;  // by bare name, all schemas
  std::multimap<std::string, Operator, std::less<>> operators;  // by symbol, all schemas
  std::multimap<std::string, std::string, std::less<>> types;   // type name -> schema
  std::map<std::string, std::string, std::less<>> constraints;  // constraint and index names -> schema (for scrubbing)
  std::string change_function;  // language, prosecdef, proconfig and source of pgward.tell_change(); empty: it is not there
  // Of all rows that this was read from, and the server's start: equal means that nothing has changed since.
  std::string fingerprint;

  void add(Relation relation);  // keeps relation_by_oid in step
  const Relation* find(const RelationName& name) const;
  // The first relation of that name along the path, as the server resolves a bare name.
  const Relation* resolve(std::string_view name, const std::vector<std::string>& search_path) const;
  // The relation with that oid, or null.
  const Relation* find(Oid oid) const;
  // Tables that a view reads, through other views too, itself left out. Of a table: nothing.
  std::vector<const Relation*> base_tables(const Relation& view) const;
};

// Equal in everything but the version and the fingerprint: decisions made with one are good with the other.
inline bool same_content(const Catalog& a, const Catalog& b) {
  if (a.relations != b.relations || a.functions != b.functions || a.operators != b.operators) return false;
  return a.types == b.types && a.change_function == b.change_function && a.constraints == b.constraints && a.default_search_path == b.default_search_path &&
         a.upstream_user == b.upstream_user && a.upstream_bypasses_rls == b.upstream_bypasses_rls &&
         a.bypassing_roles == b.bypassing_roles && a.upstream_roles == b.upstream_roles && a.database == b.database &&
         a.server_version_num == b.server_version_num;
}

}  // namespace pgward::policy
