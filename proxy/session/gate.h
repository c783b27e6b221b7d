// The gate that every statement goes through: plan (from the cache, or made now), then rendered for this
// caller. Nothing decides whether to parse: every text comes here.
//
// One Gate per reactor thread: the plan cache has no locks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/plan.h"
#include "policy/plan_cache.h"
#include "proxy/session/key_values.h"
#include "proxy/session/own_statement.h"
#include "proxy/session/row_shape.h"
#include "proxy/session/world.h"

namespace pgward::proxy {

// Whose statements these are; fixed at log-in.
struct Caller {
  std::string role;
  policy::TenantValues tenant;
  std::string database;
  std::string catalog = {};  // catalog_name() of its user; empty: of the usual one
  bool bound = true;  // to a tenant, as the role was when it logged in
  const std::string& catalog_name() const { return catalog.empty() ? database : catalog; }
  bool emergency = false;  // it has broken the glass: a role for emergencies is had in no other way
  bool operator==(const Caller&) const = default;
};

// One decided statement text. Shared by the reply queue, prepared statements and portals.
struct Statement {
  std::shared_ptr<const World> world;  // what it was decided against
  std::shared_ptr<const policy::Plan> plan;
  std::optional<policy::Refusal> refusal;
  std::string object;      // catalog name that the refusal is about
  std::string sql;         // the client's text; kept only when it was changed (to map error positions)
  std::string changed_sql; // what goes to the server instead; empty when unchanged
  std::string sql_sha256;  // hex; only for statements that are recorded, or use names
  std::size_t sql_bytes = 0;
  std::optional<OwnSetting> shows;  // pgward's own: its row is put in on its way back
  std::shared_ptr<const OwnChange> change;  // pgward's own: done when it is run
  // What the trail has been told of each of its statements in this session. Not a part of the decision, so it may
  // change; a Statement belongs to one session.
  struct Told {
    std::uint64_t as = 0;  // number of the record that told it in full; 0: none has
    bool alike = false;    // told once, by that of another text of this plan
  };
  mutable std::vector<Told> told;
  // The last full record of each statement of the plan, whichever its text: shared by the texts of one plan.
  mutable std::shared_ptr<std::vector<std::uint64_t>> plan_told_as;

  // Values of keys in this text; and, by statement, those of what its name stands for (FETCH, EXECUTE).
  std::shared_ptr<const std::vector<std::string>> key_literals;
  std::vector<std::shared_ptr<const KeyValues>> meant_values;
  // How its answers looked last, by statement.
  mutable std::vector<std::shared_ptr<const KeyLayout>> layouts;

  bool changed() const { return !changed_sql.empty(); }
  // Must be in the audit trail.
  bool recorded() const;
  // Of what must be, nothing can change anything.
  bool reads_only() const;
};

class Gate {
 public:
  // `seed` is random: nobody outside can aim at one bucket of the cache.
  Gate(std::size_t cache_bytes_max, std::uint64_t seed);
  // `search_path` is null while it is not known (see policy::Question); `ready` is the plan, when learn() gave it.
  std::shared_ptr<const Statement> judge(std::string_view sql, policy::QueryProtocol protocol, const Caller& caller,
                                         const std::shared_ptr<const World>& world,
                                         const std::vector<std::string>* search_path,
                                         const std::vector<std::string>* temporary = nullptr,
                                         std::shared_ptr<const policy::Plan> ready = nullptr);
  // Whether judge() would find the plan, and a plan that was made elsewhere for these words (PlanJob).
  bool knows(std::string_view sql, policy::QueryProtocol protocol, const Caller& caller,
             const std::shared_ptr<const World>& world, const std::vector<std::string>* search_path,
             const std::vector<std::string>* temporary);
  std::shared_ptr<const policy::Plan> learn(std::string_view sql, policy::QueryProtocol protocol, const Caller& caller,
                                            const std::shared_ptr<const World>& world,
                                            const std::vector<std::string>* search_path,
                                            const std::vector<std::string>* temporary, policy::Plan plan);

 private:
  policy::PlanCache cache_;
};

}  // namespace pgward::proxy
