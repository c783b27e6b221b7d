// What the steps of one plan() share: the question, the tree that becomes the wanted one, the text and
// its changes, and the first refusal.
//
// Every step answers true, or refuses and answers false; nobody goes on after a false.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/plan.h"
#include "policy/sql/changes.h"
#include "policy/sql/key_notes.h"
#include "policy/sql/layout.h"
#include "policy/sql/mask.h"
#include "policy/sql/tree.h"

namespace pgward::policy::sql {

// A tenant column of a relation, and what it must equal.
struct TenantPair {
  std::string column;
  std::size_t attribute = 0;  // index in Policy::tenant
  std::string_view type;      // name in pg_catalog to which the literal is cast
  Place place;
};

// How the policy covers a relation that a statement names.
struct Protection {
  const Relation* relation = nullptr;
  const TableRule* rule = nullptr;  // null: system catalog, or unlisted and allowed
  bool system = false;
  std::vector<TenantPair> tenant;  // empty: no predicate needed
  bool recorded = false;           // what is read and written of it goes into the trail
  ColumnRules columns = {};        // of the role, by column
};

struct TouchKey {
  RelationName relation;
  char action;
  auto operator<=>(const TouchKey&) const = default;
};
struct TouchSum {
  const TableRule* rule = nullptr;
  std::set<std::string> columns;
  bool all = false;
};

struct Analysis {
  const Question& question;
  const Policy& policy;
  const Catalog& catalog;
  const Layout& layout;
  Tree& tree;
  Plan& plan;
  Changes changes = {};
  StatementFacts facts = {};                  // of the statement at hand
  std::map<TouchKey, TouchSum> touches = {};  // of the statement at hand
  Ref answer = kNone;  // the statement whose rows go to the client as they are, when they may get keys besides
  bool runs_own_code = false;                 // it may: functions that the policy names, to call or to mask with; views
  std::size_t protected_references = 0;
  std::set<std::string> temporary = {};             // made earlier in this text
  std::map<std::string, Relation> temporary_relations = {};  // looked at; their columns are not known
  std::set<std::pair<std::string, char>> temporary_touches = {};  // of the statement at hand
  std::int32_t statement_at = 0;                    // byte at or before its first token
  std::optional<Plan> when_run = {};  // the first of refuse_when_run()
  std::map<RelationName, Protection> known = {};  // relations looked at before
  std::optional<std::vector<const Relation*>> children = {};  // of the catalog, all that have parents; once looked for
  KeyNotes keys = {};  // of the statement at hand
  bool path_settled = true;  // no SET search_path before this statement in the same string

  bool refuse(Refusal reason, std::string object = {}, const Place& place = {});
  // For what the server itself would refuse only when it runs the statement: a session lets such a
  // statement be prepared, and planning evaluates functions. So the walk goes on, and any other refusal
  // comes before this one. Answers true.
  bool refuse_when_run(Refusal reason, std::string object, const Place& place);
  // Notes it for the record. What the role's column rules do not allow is refused here, so that no way to
  // a column that is recorded can miss them; the refusal counts at the end of the statement.
  void touch(const Protection& protection, char action, std::string_view column);
  void touch_masked(const Protection& protection, std::string_view column);
  void note_touch(const Protection& protection, char action, std::string_view column);
  bool masks() const { return has_column_rules(question.role); }
  bool may(StatementClass wanted) const;
  // No row-level security below: conditions that could tell of other tenants' rows are fenced.
  bool fenced() const { return policy.mode == Mode::predicate; }
};

// References to protected relations in one text; more is refused: it bounds the size of the rewriting.
inline constexpr std::size_t kProtectedReferencesMax = 2000;

}  // namespace pgward::policy::sql
