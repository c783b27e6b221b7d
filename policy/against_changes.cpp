// Tables whose previous and new values are to be told have the triggers that tell them, and so have their partitions and
// children; as `pgward ddl` writes them, and not switched off.
#include "policy/against_parts.h"
#include "policy/change_trigger_sql.h"

namespace pgward::policy {
namespace {

constexpr const char* kAdvice = "run what pgward ddl writes for this policy";

class ChangeCheck {
 public:
  ChangeCheck(const Policy& policy, const Catalog& catalog, Findings& findings) : policy_(policy), catalog_(catalog), findings_(findings) {}

  void function(const Place& place) {
    if (catalog_.change_function == change_function_shown()) return;
    const bool missing = catalog_.change_function.empty();
    findings_.error(place, {.code = missing ? "changes-function-missing" : "changes-function",
                            .object = "pgward.tell_change",
                            .text = missing ? "there is no function pgward.tell_change() that tells of changes" : "function pgward.tell_change() is not the one that pgward ddl writes",
                            .advice = kAdvice});
  }

  void table(const Relation& relation, const TableRule& rule) {
    if (relation.kind != RelationKind::table && relation.kind != RelationKind::partitioned_table)
      return findings_.error(rule.place, {.code = "changes-no-table",
                                          .object = rule.name.text(),
                                          .text = rule.name.sql() + " is no table: nothing can tell of its changes",
                                          .advice = "say 'changes' of the tables behind it"});
    one(relation, relation, rule);
    for (const auto& [name, other] : catalog_.relations)
      if (below(other, relation.oid, 0) && (other.kind == RelationKind::table || other.kind == RelationKind::partitioned_table)) one(other, relation, rule);
  }

 private:
  // Inheritance is no circle; the depth is for a catalog that says otherwise.
  bool below(const Relation& relation, Oid top, int depth) const {
    for (const Oid parent : relation.parents) {
      if (parent == top) return true;
      const Relation* next = catalog_.find(parent);
      if (next != nullptr && depth < 32 && below(*next, top, depth + 1)) return true;
    }
    return false;
  }

  // A child may tell in the name of any table of the policy above it.
  bool tells(const Relation& relation, std::string_view definition) const {
    for (const auto& [name, rule] : policy_.tables) {
      if (rule.changes == ChangeValues::off || definition != change_trigger_shown(relation.name, name)) continue;
      const Relation* table = catalog_.find(name);
      return table != nullptr && (table->oid == relation.oid || below(relation, table->oid, 0));
    }
    return false;
  }

  void one(const Relation& relation, const Relation& top, const TableRule& rule) {
    const std::string_view trigger = relation.change_trigger;
    const auto wrong = [&](const char* code, const std::string& what) {
      const std::string of = relation.oid == top.oid ? "" : " (below " + top.name.sql() + ")";
      findings_.error(rule.place, {.code = code, .object = relation.name.text(), .text = what + " " + relation.name.sql() + of, .advice = kAdvice});
    };
    if (trigger.empty()) return wrong("changes-trigger-missing", "nothing tells of changes of");
    if (!tells(relation, trigger.substr(2))) return wrong("changes-trigger", "not the trigger that pgward ddl writes tells of changes of");
    if (trigger.front() != 'A') wrong("changes-trigger-disabled", "the trigger is off, or can be switched off by a setting, that tells of changes of");
  }

  const Policy& policy_;
  const Catalog& catalog_;
  Findings& findings_;
};

}  // namespace

void check_changes(const Policy& policy, const Catalog& catalog, Findings& findings) {
  ChangeCheck check(policy, catalog, findings);
  bool first = true;
  for (const auto& [name, rule] : policy.tables) {
    if (rule.changes == ChangeValues::off) continue;
    if (std::exchange(first, false)) check.function(rule.place);
    if (const Relation* relation = catalog.find(name)) check.table(*relation, rule);
  }
}

}  // namespace pgward::policy
