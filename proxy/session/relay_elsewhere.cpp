// What comes from elsewhere: the plan of a large statement, the catalog after a change of it, notifications of other
// sessions.
#include "protocol/notification.h"
#include "proxy/session/relay.h"

namespace pgward::proxy {

// False while the plan of a large text is being made; then `ready` is it, unless the cache has one.
bool Relay::planned(ByteView sql, policy::QueryProtocol protocol, const std::shared_ptr<const World>& world,
                    std::shared_ptr<const policy::Plan>& ready, Actions& actions) {
  if (sql.size() < kPlannedElsewhereBytes) return true;
  Gate& gate = services_.gate();
  if (job_ && !job_->turned_away() && job_->is_about(sql, protocol, *world, names_version())) {
    if (!job_->done()) return false;
    ready = gate.learn(sql, protocol, bound_->caller, world, path_.known(), temporary_.names(), job_->take());
    job_.reset();
    return true;
  }
  if (gate.knows(sql, protocol, bound_->caller, world, path_.known(), temporary_.names())) return true;
  job_ = std::make_shared<PlanJob>(sql, protocol, world, bound_->caller.catalog_name(), bound_->caller.role, path_.known(),
                                   temporary_.names(), names_version());
  actions.add(PlanElsewhere{job_});
  return false;
}

// Whether the catalog that the next statement is decided against may be from before this session changed it.
bool Relay::catalog_stale() {
  if (awaits_catalog_ == 0) return false;
  if (!services_.catalog_read(awaits_catalog_)) return true;
  // It may have failed: then the catalog is one of before. Of a database that is not served there is none, and every statement
  // is refused.
  const auto world = services_.world();
  const std::string& database = bound_->caller.catalog_name();
  if (world->catalog(database) && world->catalog_read_by(database) < awaits_catalog_) return true;
  awaits_catalog_ = 0;
  return false;
}

// Its transaction is over: whoever reads the catalog from now on sees what it did.
void Relay::catalog_changed() {
  // The number first: a reading that begins between the two knows already.
  if (std::exchange(schema_changed_, false)) {
    awaits_catalog_ = services_.next_catalog();
    awaits_catalog_since_ = services_.now();
  }
  services_.suspect_catalog(Services::Suspicion::ddl);
}

// The client gets it under the name that it listens to. Any other is not for it: it cannot have asked.
bool Relay::notification(ByteView body, Actions& actions) {
  const auto message = protocol::decode_notification(body);
  if (!message) return broken(actions);
  const std::string own = std::string(policy::kChannelPrefix) + bound_->caller.tenant.tag() + "_";
  if (!message->channel.starts_with(own)) return true;
  actions.send_to_client(own_message<protocol::encode_notification>(message->pid, message->channel.substr(own.size()), message->payload));
  return true;
}

}  // namespace pgward::proxy
