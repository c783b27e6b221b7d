#include "proxy/policy_tests/run.h"

#include <algorithm>
#include <set>

#include "proxy/session/scribe.h"

namespace pgward::proxy {
namespace {

using policy::Refusal;

struct Outcome {
  Decision decision = Decision::passed;
  std::optional<Refusal> refusal;
  std::string object;
  std::string sql;  // as the server would get it
  bool recorded = false;
  std::map<std::string, std::vector<std::string>> touches;
};

// As at Bind: a parameter that claims a tenant must be the caller's. One that is not given is not judged.
std::optional<std::string> foreign_parameter(const policy::Plan& plan, const PolicyTest& test, const policy::TenantValues& tenant) {
  for (const policy::BindCheck& check : plan.bind_checks) {
    if (check.parameter == 0 || check.parameter > test.parameters.size()) continue;
    const auto& value = test.parameters[check.parameter - 1];
    const std::string* own = tenant.find(check.attribute);
    const auto plain = value ? policy::canonical(check.type, *value) : std::nullopt;
    if (own == nullptr || !plain || *plain != *own) return check.relation.text();
  }
  return std::nullopt;
}

void take_touches(const policy::Plan& plan, Outcome& out) {
  for (const policy::StatementFacts& facts : plan.statements) {
    out.recorded = out.recorded || facts.touches_phi;
    for (const policy::Touch& touch : facts.touches) {
      auto& columns = out.touches[touch.relation.text()];
      if (touch.all_columns) columns.push_back("all");
      columns.insert(columns.end(), touch.columns.begin(), touch.columns.end());
    }
  }
  for (auto& [table, columns] : out.touches) {
    std::sort(columns.begin(), columns.end());
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    if (std::find(columns.begin(), columns.end(), "all") != columns.end()) columns = {"all"};
  }
}

Outcome refused(Refusal refusal, std::string object) {
  Outcome out;
  out.decision = Decision::refused;
  out.refusal = refusal;
  out.object = std::move(object);
  return out;
}

Outcome decide(const PolicyTest& test, const policy::Role& role, const policy::TenantValues& tenant, const policy::Policy& policy,
               const policy::Catalog& catalog) {
  const auto& path = test.search_path.empty() ? catalog.default_search_path : test.search_path;
  const policy::Plan plan = policy::plan({test.sql, test.protocol, role, &path}, policy, catalog);
  if (plan.refusal) return refused(*plan.refusal, plan.object);
  const policy::Rendered rendered = policy::render(plan, test.sql, policy, tenant);
  if (rendered.refusal) return refused(*rendered.refusal, rendered.object);
  if (auto foreign = foreign_parameter(plan, test, tenant)) return refused(Refusal::foreign_tenant, *foreign);
  Outcome out;
  out.decision = rendered.changed ? Decision::rewritten : Decision::passed;
  out.sql = rendered.changed ? rendered.sql : test.sql;
  take_touches(plan, out);
  return out;
}

std::string shown(const std::map<std::string, std::vector<std::string>>& touches) {
  std::string text;
  for (const auto& [table, columns] : touches) {
    text += (text.empty() ? "" : "; ") + table + ":";
    for (const std::string& column : columns) text += " " + column;
  }
  return text.empty() ? "nothing" : text;
}

bool same_decision(Decision expected, Decision actual) {
  if (expected == Decision::allowed) return actual != Decision::refused;
  return expected == actual;
}

void compare(const PolicyTest& test, const Outcome& out, std::vector<Difference>& differences) {
  std::string decision(name_of(out.decision));
  if (out.refusal) decision += ": " + std::string(reason_of(*out.refusal)) + (out.object.empty() ? "" : " " + out.object);
  if (!same_decision(test.expect, out.decision)) {
    differences.push_back({"decision", std::string(name_of(test.expect)), decision});
    return;  // the rest would only say the same again
  }
  if (test.reason && out.refusal && *test.reason != reason_of(*out.refusal))
    differences.push_back({"reason", *test.reason, std::string(reason_of(*out.refusal))});
  if (test.becomes && *test.becomes != out.sql) differences.push_back({"becomes", *test.becomes, out.sql});
  if (test.recorded && *test.recorded != out.recorded)
    differences.push_back({"recorded", *test.recorded ? "true" : "false", out.recorded ? "true" : "false"});
  if (test.touches && *test.touches != out.touches)
    differences.push_back({"touches", shown(*test.touches), shown(out.touches)});
}

}  // namespace

std::vector<Difference> run_policy_test(const PolicyTest& test, const policy::Policy& policy, const policy::Catalog& catalog) {
  const auto role = policy.roles.find(test.identity.role);
  if (role == policy.roles.end()) return {{"identity", "a role of the policy", "role " + test.identity.role + " is not in it"}};
  const auto tenant = policy::tenant_values(policy, test.identity.role, test.identity.claims);
  if (const auto* error = std::get_if<std::string>(&tenant)) return {{"identity", "claims for every tenant attribute", *error}};
  std::vector<Difference> differences;
  compare(test, decide(test, role->second, std::get<policy::TenantValues>(tenant), policy, catalog), differences);
  return differences;
}

}  // namespace pgward::proxy
