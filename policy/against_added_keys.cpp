// Tables that say `keys: add`: whether the database lets pgward add them.
#include <algorithm>

#include "policy/against_parts.h"

namespace pgward::policy {
namespace {

bool in(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void check_added_keys(const Policy& policy, const Catalog& catalog, Findings& findings) {
  for (const auto& [name, rule] : policy.tables) {
    const Relation* relation = catalog.find(name);
    if (relation == nullptr || rule.keys == KeyColumns::as_written) continue;
    for (const auto* list : {&rule.record, &rule.subject})
      for (const std::string& key : *list) {
        const Column* column = relation->column(key);
        if (column == nullptr || column->readable || (list == &rule.subject && in(rule.record, key)))
          continue;
        findings.warning(rule.place, {.code = "keys-unreadable",
                                      .object = name.text() + "." + key,
                                      .text = "the upstream user may not read " + name.sql() + "." + quote_identifier(key) +
                                              ": the keys of this table are not added",
                                      .sql = "GRANT SELECT (" + quote_identifier(key) + ") ON " + name.sql() + " TO " +
                                             quote_identifier(catalog.upstream_user)});
      }
    if (relation->has_rules)
      findings.warning(rule.place, {.code = "keys-rules",
                                    .object = name.text(),
                                    .text = name.sql() + " has rules, which say what RETURNING gives: the keys of what is changed are not added",
                                    .advice = "use triggers in place of rules"});
  }
}

}  // namespace pgward::policy
