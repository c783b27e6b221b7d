#include "every_way.h"

#include "fixture.h"
#include "other_values.h"
#include "overlooked.h"
#include "policy/plan_cache.h"

namespace pgward::tests {

using namespace policy;

namespace {

// What a cursor or prepared statement stands for is recorded when it is fetched from or executed.
bool touches(const Plan& plan, const RelationName& name) {
  for (const StatementFacts& facts : plan.statements) {
    if (facts.kind == StatementKind::lock) return true;  // reads and changes nothing
    for (const Touch& touch : facts.touches)
      if (touch.relation == name) return true;
    for (const NameUse& use : facts.names)
      if ((use.meaning && touches(*use.meaning, name)) || use.target == name) return true;
  }
  return false;
}

}  // namespace

Plan EveryWay::planned(std::string_view sql, QueryProtocol protocol) const {
  return plan({sql, protocol, role, &path}, policy, catalog);
}

Outcome EveryWay::check(const std::string& sql) const {
  const Plan plan = planned(sql);
  Outcome out;
  out.refusal = plan.refusal;
  out.object = plan.object;
  out.wrong = wrong_twice(sql, plan);
  if (out.wrong.empty()) out.wrong = wrong_in_the_cache(sql, plan);
  if (without_keys != nullptr && out.wrong.empty()) out.wrong = wrong_with_keys(sql, plan);
  if (plan.refusal || !out.wrong.empty()) return out;
  for (const StatementFacts& facts : plan.statements) out.keys += facts.added_keys.size();
  const Rendered rendered = render(plan, sql, policy, tenant);
  out.refusal = rendered.refusal;
  out.object = rendered.object;
  out.changed = rendered.changed;
  if (!rendered.refusal) out.wrong = wrong_as_sent(rendered.changed ? rendered.sql : sql, plan);
  if (!rendered.refusal && out.wrong.empty() && role.bound && tenant_literals(sql) == 0) {
    const auto named = named_relations(sql, policy, catalog, path);
    if (!named) out.wrong = "another parser cannot read it";
    if (named && tenant_literals(rendered.sql) < named->read.size()) out.wrong = "fewer predicates than references";
  }
  return out;
}

std::string EveryWay::wrong_twice(const std::string& sql, const Plan& plan) const {
  if (text_of(planned(sql)) != text_of(plan)) return "another plan the second time";
  const Plan extended = planned(sql, QueryProtocol::extended);
  if (extended.refusal == Refusal::multiple_statements) return {};
  return text_of(extended) == text_of(plan) ? "" : "another plan by the extended protocol";
}

std::string EveryWay::wrong_in_the_cache(const std::string& sql, const Plan& plan) const {
  const auto key = [&](std::string_view text) { return PlanKey{text, role.name, QueryProtocol::simple, &path, 1}; };
  PlanCache cache(64u << 20, 7);
  const auto kept = cache.put(key(sql), Plan(plan));
  if (cache.find(key(sql)).plan != kept) return "not found by its text";
  if (plan.literals.empty()) return {};
  for (std::size_t n = 0; n < 2; ++n) {
    const std::string other = mutated(sql, plan.literals, n * 5, [](const Literal& each) { return each.free; });
    const PlanCache::Found found = cache.find(key(other));
    if (found.plan != kept) return "not found by its shape";
    const Plan anew = planned(other);
    if (text_of(anew) != text_of(plan)) return "another plan for its shape: " + other;
    const Rendered by_shape = render(*found.plan, other, policy, tenant, found.literals);
    const Rendered expected = render(anew, other, policy, tenant);
    if (by_shape.refusal != expected.refusal || by_shape.sql != expected.sql) return "another text for its shape: " + other;
  }
  return {};
}

std::string EveryWay::wrong_as_sent(const std::string& sent, const Plan& plan) const {
  const auto named = named_relations(sent, policy, catalog, path);
  if (!named) return "does not parse again: " + sent;
  if (named->bare) return "a name without its schema: " + sent;
  for (const auto* list : {&named->read, &named->written})
    for (const NamedRelation& each : *list)
      if (!touches(plan, each.name)) return "not in its record: " + each.name.text();
  const Plan again = planned(sent);
  if (again.refusal == Refusal::unparsable || again.refusal == Refusal::unknown_relation || again.refusal == Refusal::unproven)
    return "refused when it is sent again: " + fixture::name_of(*again.refusal) + ": " + sent;
  return {};
}

std::string EveryWay::wrong_with_keys(const std::string& sql, const Plan& plan) const {
  const Plan plain = policy::plan({sql, QueryProtocol::simple, without_keys->roles.at(role.name), &path}, *without_keys, catalog);
  if (plan.refusal != plain.refusal || plan.object != plain.object)
    return "keys change the decision: " + (plan.refusal ? fixture::name_of(*plan.refusal) : std::string("accepted"));
  if (plan.refusal) return {};
  const Rendered with = render(plan, sql, policy, tenant);
  const Rendered without = render(plain, sql, *without_keys, tenant);
  if (with.refusal || without.refusal) return with.refusal == without.refusal ? "" : "keys change what is rendered";
  std::vector<std::size_t> added;
  for (const StatementFacts& facts : plan.statements) {
    added.push_back(facts.added_keys.size());
    if (facts.rows_swallowed && facts.added_keys.empty()) return "rows are swallowed for nothing";
  }
  const auto all = statement_trees(with.changed ? with.sql : sql, added);
  const auto expected = statement_trees(without.changed ? without.sql : sql, {});
  if (!all || !expected) return "another parser cannot read it with its keys";
  return *all == *expected ? "" : "more than keys was added: " + with.sql;
}

// How many literals of the tenant's stand in it.
std::size_t EveryWay::tenant_literals(const std::string& text) const {
  std::size_t found = 0;
  for (const auto& [name, value] : tenant.all())
    for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + value.size())) ++found;
  return found;
}

}  // namespace pgward::tests
