// The parts of check_against(), one file each.
#pragma once

#include "policy/against_catalog.h"

namespace pgward::policy {

// What was found. One of `sql` and `advice` says what to do about it; `sql` can be run as it is.
struct Finding {
  std::string code;
  std::string object;
  std::string text;
  std::string sql = {};
  std::string advice = {};
};

class Findings {
 public:
  // An error: a promise does not hold, and pgward does not serve the database while it stands.
  void error(const Place& place, Finding finding) { add(place, std::move(finding), Severity::error); }
  void warning(const Place& place, Finding finding) { add(place, std::move(finding), Severity::warning); }
  std::vector<Mistake> take_in_order();

 private:
  void add(const Place& place, Finding finding, Severity severity);
  std::vector<Mistake> all_;
};

// Tables, columns and functions exist and are of the right kind.
void check_names(const Policy& policy, const Catalog& catalog, Findings& findings);
// Column rules name columns that there are, and masks fit them.
void check_columns(const Policy& policy, const Catalog& catalog, Findings& findings);
// Keys that are to be added to answers can be.
void check_added_keys(const Policy& policy, const Catalog& catalog, Findings& findings);
// Roles without a tenant name what is there.
void check_roles(const Policy& policy, const Catalog& catalog, Findings& findings);
// Row-level security stands where Mode::rls_and_predicate counts on it.
void check_row_security(const Policy& policy, const Catalog& catalog, Findings& findings);
// Partitions and inheritance children do not contradict their parents.
void check_children(const Policy& policy, const Catalog& catalog, Findings& findings);
// What the policy wants told of changes is told (ChangeValues).
void check_changes(const Policy& policy, const Catalog& catalog, Findings& findings);
// Views do not open what their tables keep apart.
void check_views(const Policy& policy, const Catalog& catalog, Findings& findings);
// The upstream user is nobody who could walk around the walls.
void check_upstream_user(const Policy& policy, const Catalog& catalog, const Survey* survey,
                         Findings& findings);
// Privileges, extensions and functions that open more than the policy needs.
void check_privileges(const Policy& policy, const Catalog& catalog, const Survey& survey, Findings& findings);
// Indexes on tenant columns; keys that tell of other tenants.
void check_keys(const Policy& policy, const Catalog& catalog, const Survey& survey, Findings& findings);
// Settings with which the server writes statements and values into its own log.
void check_server_log(const Survey& survey, bool tells_changes, Findings& findings);
// Tables that look as if they belonged to tenants and are not named.
void check_unlisted(const Policy& policy, const Catalog& catalog, Findings& findings);

// The rule for a relation: its own, or else its nearest listed parent's. Null when there is none.
const TableRule* rule_for(const Policy& policy, const Catalog& catalog, const Relation& relation);
// For findings about the database as a whole.
Place database_place(const Catalog& catalog);

// Does the expression of a policy or a default call current_setting('<setting>' ..)?
bool reads_setting(std::string_view expression, std::string_view setting);

}  // namespace pgward::policy
