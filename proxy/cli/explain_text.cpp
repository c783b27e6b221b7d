#include "proxy/cli/explain_text.h"

#include <nlohmann/json.hpp>

namespace pgward::proxy {
namespace {

using policy::Enforcement;

std::optional<policy::Refusal> refusal_of(const Explained& e) {
  return e.plan.refusal ? e.plan.refusal : e.rendered.refusal;
}
const std::string& object_of(const Explained& e) { return e.plan.refusal ? e.plan.object : e.rendered.object; }

std::string_view decision_of(const Explained& e) {
  if (refusal_of(e)) return "REFUSED";
  return e.rendered.changed ? "REWRITTEN" : "PASSED as it is";
}

std::string_view how(Enforcement::How how) {
  switch (how) {
    case Enforcement::How::where: return "predicate in WHERE";
    case Enforcement::How::on: return "predicate in ON";
    case Enforcement::How::subselect: return "predicate in a sub-select";
    case Enforcement::How::insert_value: return "inserted value checked";
    case Enforcement::How::insert_added: return "tenant added to INSERT";
    case Enforcement::How::assignment_guard: return "written value guarded";
    case Enforcement::How::copied_rows: return "copied rows checked";
  }
  return "";
}

std::string_view action(char code) {
  switch (code) {
    case 'C': return "creates";
    case 'U': return "updates";
    case 'D': return "deletes";
    default: return "reads";
  }
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + item;
  return text;
}

void facts_text(const policy::StatementFacts& facts, std::string& out) {
  for (const auto& touch : facts.touches) {
    out += "  " + std::string(action(touch.action)) + " " + touch.relation.sql() + ": ";
    out += touch.all_columns ? "all columns" : touch.columns.empty() ? "no column by name" : joined(touch.columns);
    out += "\n";
    if (!touch.phi_columns.empty())
      out += "    PHI: " + joined(touch.phi_columns) + "  (" + joined(touch.phi_kinds) + ")\n";
  }
}

// The policy line behind a check of a parameter; empty for a child that took its parent's rule.
std::string line_of(const policy::BindCheck& check, const policy::Policy& policy) {
  const auto rule = policy.tables.find(check.relation);
  if (rule == policy.tables.end()) return "";
  for (const auto& column : rule->second.tenant)
    if (column.attribute == check.attribute) return column.place.text();
  return "";
}

std::string enforcement_text(const Enforcement& e) {
  std::string text = "  " + std::string(how(e.how)) + ": " + e.reference + "." + e.column + " = " + e.attribute;
  if (e.relation.name != e.reference) text += "  (" + e.relation.sql() + ")";
  return text + "\n    because of " + e.place.text() + "\n";
}

}  // namespace

std::string explain_text(const Explained& e, const policy::Policy& policy) {
  std::string out = "decision:   " + std::string(decision_of(e)) + "\n";
  if (const auto refusal = refusal_of(e)) {
    const auto& text = policy::text_of(*refusal);
    out += "            " + std::string(text.sqlstate) + " " + std::string(text.message);
    if (!object_of(e).empty()) out += ": " + object_of(e);
    out += "\n";
    if (!text.hint.empty()) out += "what to do: " + std::string(text.hint) + "\n";
    if (e.plan.refusal && e.plan.place.line != 0) out += "because of: " + e.plan.place.text() + "\n";
    return out;
  }
  out += "statement:  " + e.sql + "\n";
  if (e.rendered.changed) out += "becomes:    " + e.rendered.sql + "\n";

  std::string enforced, touched;
  bool before = false, with_answer = false;
  for (const auto& facts : e.plan.statements) {
    for (const auto& one : facts.enforcements) enforced += enforcement_text(one);
    facts_text(facts, touched);
    (facts.reads_only ? with_answer : before) |= facts.touches_phi;
  }
  for (const auto& check : e.plan.bind_checks) {
    enforced += "  parameter $" + std::to_string(check.parameter) + " must be the caller's " + check.attribute +
                " when it is bound  (" + check.relation.sql() + ")\n";
    if (const auto line = line_of(check, policy); !line.empty()) enforced += "    because of " + line + "\n";
  }
  if (!enforced.empty()) out += "enforced:\n" + enforced;
  if (!touched.empty()) out += "touches:\n" + touched;
  out += "audit:      ";
  out += before        ? "recorded before it runs, outcome after it\n"
         : with_answer ? "recorded before its answer is released\n"
                       : "not recorded: touches no PHI\n";
  out += "settings:   ";
  std::string settings;
  for (const auto& attribute : policy.tenant)
    if (const auto* value = e.tenant.find(attribute.name)) settings += (settings.empty() ? "" : "\n            ") + attribute.setting + " = " + *value;
  return out + (settings.empty() ? "none" : settings) + "\n";
}

std::string explain_json(const Explained& e, const policy::Policy& policy) {
  using nlohmann::json;
  json out{{"decision", refusal_of(e) ? "refused" : e.rendered.changed ? "rewritten" : "passed"}, {"role", e.role}, {"statement", e.sql}};
  if (const auto refusal = refusal_of(e)) {
    const auto& text = policy::text_of(*refusal);
    out["refusal"] = {{"sqlstate", text.sqlstate}, {"message", text.message}, {"hint", text.hint}, {"object", object_of(e)}};
    if (e.plan.place.line != 0) out["refusal"]["policy"] = e.plan.place.text();
  } else if (e.rendered.changed) {
    out["becomes"] = e.rendered.sql;
  }
  out["statements"] = json::array();
  for (const auto& facts : e.plan.statements) {
    json one{{"kind", policy::name_of(facts.kind)}, {"recorded", facts.touches_phi}, {"touches", json::array()}, {"enforced", json::array()}};
    for (const auto& touch : facts.touches)
      one["touches"].push_back({{"table", touch.relation.text()}, {"action", std::string(1, touch.action)}, {"columns", touch.columns},
                                {"all_columns", touch.all_columns}, {"phi", touch.phi_columns}, {"kinds", touch.phi_kinds}});
    for (const auto& e1 : facts.enforcements)
      one["enforced"].push_back({{"table", e1.relation.text()}, {"reference", e1.reference}, {"column", e1.column},
                                 {"attribute", e1.attribute}, {"how", how(e1.how)}, {"policy", e1.place.text()}});
    out["statements"].push_back(std::move(one));
  }
  out["bind_checks"] = json::array();
  for (const auto& check : e.plan.bind_checks)
    out["bind_checks"].push_back({{"parameter", check.parameter}, {"attribute", check.attribute}, {"table", check.relation.text()}, {"policy", line_of(check, policy)}});
  out["settings"] = json::object();
  for (const auto& attribute : policy.tenant)
    if (const auto* value = e.tenant.find(attribute.name)) out["settings"][attribute.setting] = *value;
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace pgward::proxy
