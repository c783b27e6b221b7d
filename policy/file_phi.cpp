// phi: {first_name: name, ssn: ssn}, or [value_text, value_num], or all
#include <algorithm>

#include "policy/file_parts.h"
#include "policy/written_names.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy {
namespace {

constexpr const char* kUnnamedKind = "phi";

// Kinds go into audit records and rule packs as they are: plain words, not a fixed list.
bool is_kind(std::string_view word) {
  return !word.empty() && word.size() <= 63 && word.front() >= 'a' && word.front() <= 'z' &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

void read_phi_column(const yaml::Node& key, const yaml::Node& value, TableRule& rule,
                     yaml::Mistakes& mistakes) {
  const auto column = column_name(key.text);
  if (!column) mistakes.add(key, column.error().why);
  const auto kind = yaml::text(value, "the kind of PHI", mistakes);
  if (kind && !is_kind(*kind))
    mistakes.add(value, "kind of PHI " + yaml::shown(*kind) +
                            " must be a lower-case word such as name, ssn, date or free_text");
  if (!column || !kind) return;
  if (!rule.phi.emplace(*column, *kind).second)
    mistakes.add(key, "column " + yaml::shown(*column) + " stands twice");
}

}  // namespace

void read_phi(const yaml::Node& node, TableRule& rule, yaml::Mistakes& mistakes) {
  if (node.kind == yaml::Node::Kind::mapping) {
    yaml::for_each_entry(node, "phi", mistakes, [&](const yaml::Node& key, const yaml::Node& value) {
      read_phi_column(key, value, rule, mistakes);
    });
  } else if (node.kind == yaml::Node::Kind::sequence) {
    for (const std::string& column : read_columns(node, "phi", mistakes))
      rule.phi.emplace(column, kUnnamedKind);
  } else if (node.is_scalar() && node.text == "all") {
    rule.phi.emplace(kEveryColumn, kUnnamedKind);
  } else {
    mistakes.add(node, "phi must be 'all', a list of columns, or a mapping from columns to kinds");
  }
}

}  // namespace pgward::policy
