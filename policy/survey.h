// What the commands for the DBA look at besides the catalog: keys, privileges, settings of the server, what
// columns are like. No decision about a statement rests on it.
//
// Filled by proxy/upstream/survey_reader (libpq) or by a test. Holds names, numbers and settings; never a
// value of a row: of the planner's statistics only the counts are taken.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/names.h"

namespace pgward::policy {

struct TableIndex {
  RelationName table;
  std::string name;
  std::vector<std::string> columns;  // in the order of the key; empty text for an expression
  bool unique = false;
  bool primary = false;
  bool partial = false;
};

struct ForeignKey {
  RelationName table;
  std::string name;
  std::vector<std::string> columns;
  RelationName references;
  std::vector<std::string> referenced_columns;  // pairwise with columns
};

// Privileges on one table, view or sequence that are worth a word.
struct TablePrivileges {
  std::set<std::string> of_public;  // SELECT, INSERT, ...
  std::set<std::string>
      of_upstream;  // effective, of those that row-level security does not bind: TRUNCATE, ...
};

struct ColumnFacts {
  double distinct = 0;  // pg_stats.n_distinct: negative is a share of the rows; 0 when not known
  std::string comment;
};

struct TableFacts {
  double rows = -1;  // the planner's estimate; -1 when never analysed
  std::map<std::string, ColumnFacts> columns;
  TablePrivileges privileges;
};

// Attributes of the upstream user.
struct UpstreamUser {
  bool superuser = false;
  bool create_role = false;
  bool replication = false;
};

struct Survey {
  std::string database;
  std::string user;
  UpstreamUser attributes;
  std::map<std::string, std::string, std::less<>> settings;  // of the server's log and a few more
  // Functions with a SET clause that changes one of them for as long as they run: name, setting=value.
  std::vector<std::pair<RelationName, std::string>> function_settings;
  std::set<std::string, std::less<>> extensions;
  std::set<std::string, std::less<>> creatable_schemas;  // where the upstream user may create objects
  std::vector<TableIndex> indexes;
  std::vector<ForeignKey> foreign_keys;
  std::map<RelationName, TableFacts> tables;

  const std::string* setting(std::string_view name) const;
  const TableFacts* table(const RelationName& name) const;
  // Does an index, not partial, begin with this column?
  bool indexed(const RelationName& table, std::string_view column) const;
};

}  // namespace pgward::policy
