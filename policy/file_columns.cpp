// columns: {patients: {ssn: {mask: last4}, notes: refuse}}
#include "policy/file_parts.h"
#include "policy/written_names.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy {
namespace {

void read_function(const yaml::Node& node, ColumnRule& rule, yaml::Mistakes& mistakes) {
  const auto written = yaml::text(node, "function", mistakes);
  if (!written) return;
  const auto name = relation_name(*written);
  if (name)
    rule.function = *name;
  else
    mistakes.add(node, name.error().why);
}

// Options that belong to one kind of mask.
void read_options(const yaml::Mapping& mapping, const yaml::Node& mask, ColumnRule& rule, yaml::Mistakes& mistakes) {
  const yaml::Node* value = mapping.find("value");
  const yaml::Node* function = mapping.find("function");
  if (value != nullptr && rule.mask != Mask::constant)
    mistakes.add(*value, "only 'mask: constant' has a 'value'");
  else if (value != nullptr)
    rule.constant = yaml::text(*value, "value", mistakes).value_or("");
  if (function != nullptr && rule.mask != Mask::hash)
    mistakes.add(*function, "only 'mask: hash' has a 'function'");
  else if (function != nullptr)
    read_function(*function, rule, mistakes);
  else if (rule.mask == Mask::hash)
    mistakes.add(mask, "'mask: hash' needs 'function': a keyed hash of the database, text to text");
}

void read_mask(const yaml::Node& node, ColumnRule& rule, yaml::Mistakes& mistakes) {
  const yaml::Mapping mapping(node, "a column rule", {"mask", "value", "function", "write"}, mistakes);
  if (const yaml::Node* mask = mapping.require("mask")) {
    std::optional<Mask> kind = Mask::null;  // YAML reads the bare word null as nothing
    if (mask->kind != yaml::Node::Kind::null)
      kind = yaml::choice<Mask>(
          *mask, "mask",
          {{"last4", Mask::last4}, {"hash", Mask::hash}, {"null", Mask::null}, {"constant", Mask::constant}},
          mistakes);
    rule.mask = kind.value_or(Mask::null);
    if (kind) read_options(mapping, *mask, rule, mistakes);
  }
  if (const yaml::Node* write = mapping.find("write"))
    rule.may_write =
        yaml::choice<bool>(*write, "write", {{"allow", true}, {"refuse", false}}, mistakes).value_or(false);
}

void read_rule(const yaml::Node& key, const yaml::Node& value, std::map<std::string, ColumnRule>& rules,
               yaml::Mistakes& mistakes) {
  const auto column = column_name(key.text);
  if (!column) mistakes.add(key, column.error().why);
  ColumnRule rule;
  rule.place = mistakes.place(key);
  if (value.kind == yaml::Node::Kind::mapping)
    read_mask(value, rule, mistakes);
  else if (!value.is_scalar() || value.text != "refuse")
    mistakes.add(value, "a column rule is 'refuse' or {mask: last4 | hash | null | constant}");
  if (column && !rules.emplace(*column, std::move(rule)).second)
    mistakes.add(key, "column " + yaml::shown(*column) + " stands twice");
}

}  // namespace

void read_column_rules(const yaml::Node& node, Role& role, yaml::Mistakes& mistakes) {
  yaml::for_each_entry(node, "columns", mistakes, [&](const yaml::Node& key, const yaml::Node& value) {
    const auto table = relation_name(key.text);
    if (!table) mistakes.add(key, table.error().why);
    std::map<std::string, ColumnRule> rules;
    yaml::for_each_entry(value, "columns of " + yaml::shown(key.text), mistakes,
                         [&](const yaml::Node& column, const yaml::Node& rule) { read_rule(column, rule, rules, mistakes); });
    if (table && !role.columns.emplace(*table, std::move(rules)).second)
      mistakes.add(key, "table " + yaml::shown(key.text) + " stands twice");
  });
}

}  // namespace pgward::policy
