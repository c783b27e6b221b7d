// A large statement that is planned on another thread: 1 MB of VALUES takes longer than all other sessions of a
// reactor want to wait.
//
//   the session   makes one, hands it out with PlanElsewhere, and keeps the client's message where it is
//   the driver    has it run elsewhere (job.h)
//   the session   finds it done(), and takes the plan
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/plan.h"
#include "proxy/session/job.h"
#include "proxy/session/world.h"

namespace pgward::proxy {

// About 4 ms of planning, going by what 100 kB take (bench/README.md). Smaller ones are not worth the way there and back.
inline constexpr std::size_t kPlannedElsewhereBytes = 16 * 1024;

class PlanJob final : public Job {
 public:
  using Names = std::vector<std::string>;
  PlanJob(std::string_view sql, policy::QueryProtocol protocol, std::shared_ptr<const World> world, std::string database,
          std::string role, const Names* search_path, const Names* temporary, std::uint64_t names_version)
      : sql_(sql), protocol_(protocol), world_(std::move(world)), database_(std::move(database)), role_(std::move(role)),
        names_version_(names_version) {
    if (search_path != nullptr) search_path_ = *search_path;
    if (temporary != nullptr) temporary_ = *temporary;
  }

  std::size_t bytes() const override { return sql_.size(); }

  // The thread of the session.
  bool is_about(std::string_view sql, policy::QueryProtocol protocol, const World& world, std::uint64_t names_version) const {
    return world_.get() == &world && names_version_ == names_version && protocol_ == protocol && sql_ == sql;
  }
  policy::Plan take() { return std::move(plan_); }  // when done(), once

 private:
  void work() override {
    const policy::Catalog* catalog = world_->catalog(database_);
    const auto role = world_->policy->roles.find(role_);
    if (catalog != nullptr && role != world_->policy->roles.end()) {
      const policy::Question question{sql_, protocol_, role->second, search_path_ ? &*search_path_ : nullptr,
                                      temporary_ ? &*temporary_ : nullptr};
      plan_ = policy::plan(question, *world_->policy, *catalog);
    } else {
      plan_.refusal = policy::Refusal::policy_unavailable;
    }
  }

  std::string sql_;
  policy::QueryProtocol protocol_;
  std::shared_ptr<const World> world_;
  std::string database_, role_;
  std::optional<Names> search_path_, temporary_;
  std::uint64_t names_version_;
  policy::Plan plan_;
};

}  // namespace pgward::proxy
