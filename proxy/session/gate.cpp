#include "proxy/session/gate.h"

#include <algorithm>

#include "audit/sha256.h"

namespace pgward::proxy {

bool Statement::recorded() const {
  if (refusal) return false;
  for (const auto& facts : plan->statements)
    if (facts.touches_phi) return true;
  return false;
}

bool Statement::reads_only() const {
  return !refusal && std::all_of(plan->statements.begin(), plan->statements.end(), [](const auto& facts) { return !facts.touches_phi || facts.reads_only; });
}

Gate::Gate(std::size_t cache_bytes_max, std::uint64_t seed) : cache_(cache_bytes_max, seed) {}

std::shared_ptr<const Statement> Gate::judge(std::string_view sql, policy::QueryProtocol protocol, const Caller& caller,
                                             const std::shared_ptr<const World>& world,
                                             const std::vector<std::string>* search_path,
                                             const std::vector<std::string>* temporary,
                                             std::shared_ptr<const policy::Plan> ready) {
  auto statement = std::make_shared<Statement>();
  statement->world = world;
  statement->sql_bytes = sql.size();
  const policy::Catalog* catalog = world->catalog(caller.catalog_name());
  const auto role = world->policy->roles.find(caller.role);
  if (!catalog || role == world->policy->roles.end() || role->second.bound != caller.bound ||
      role->second.break_glass.has_value() != caller.emergency) {
    statement->refusal = policy::Refusal::policy_unavailable;
    return statement;
  }

  const policy::PlanKey key{sql, caller.role, protocol, search_path, world->snapshot(caller.catalog_name()), temporary};
  policy::PlanCache::Found found;
  if (ready) found.plan = std::move(ready);
  else found = cache_.find(key);
  statement->plan = std::move(found.plan);
  if (!statement->plan)
    statement->plan = cache_.put(key, policy::plan({sql, protocol, role->second, search_path, temporary}, *world->policy, *catalog));
  if (statement->plan->refusal) {
    statement->refusal = statement->plan->refusal;
    statement->object = statement->plan->object;
  } else {
    policy::Rendered rendered = policy::render(*statement->plan, sql, *world->policy, caller.tenant, found.literals);
    statement->refusal = rendered.refusal;
    statement->object = std::move(rendered.object);
    if (rendered.changed && !rendered.refusal) {
      statement->changed_sql = std::move(rendered.sql);
      statement->sql = std::string(sql);
    }
  }
  if (!statement->refusal && !statement->plan->key_literals.empty())
    statement->key_literals = std::make_shared<const std::vector<std::string>>(key_literals(*statement->plan, sql, found.literals));
  if (statement->refusal || statement->recorded() || statement->plan->uses_names()) statement->sql_sha256 = audit::sha256_hex(sql);
  return statement;
}

bool Gate::knows(std::string_view sql, policy::QueryProtocol protocol, const Caller& caller,
                 const std::shared_ptr<const World>& world, const std::vector<std::string>* search_path,
                 const std::vector<std::string>* temporary) {
  return cache_.find({sql, caller.role, protocol, search_path, world->snapshot(caller.catalog_name()), temporary}).plan != nullptr;
}

std::shared_ptr<const policy::Plan> Gate::learn(std::string_view sql, policy::QueryProtocol protocol, const Caller& caller,
                                                const std::shared_ptr<const World>& world,
                                                const std::vector<std::string>* search_path,
                                                const std::vector<std::string>* temporary, policy::Plan plan) {
  return cache_.put({sql, caller.role, protocol, search_path, world->snapshot(caller.catalog_name()), temporary}, std::move(plan));
}

}  // namespace pgward::proxy
