// Changes as the database's triggers tell of them (policy/change_trigger_sql.h): taken out of what the server sends, and
// recorded before the client hears that the statement is done.
#include "proxy/session/change_notice.h"
#include "proxy/session/relay.h"

namespace pgward::proxy {
namespace {

// "schema.name", of which both may have dots.
const policy::TableRule* rule_named(const policy::Policy& policy, std::string_view text) {
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', dot + 1)) {
    const auto found = policy.tables.find({std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))});
    if (found != policy.tables.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace

void Relay::open_changes(std::string word) {
  if (!keys_.has_key() || word.empty()) return;
  changes_ = std::make_unique<ChangeBook>(keys_.key(), std::move(word), scribe_.session_id(), [this](std::size_t count) { return services_.random_bytes(count); });
}

// The statement that is running; at Sync, when deferred triggers run, the last one.
std::uint64_t Relay::running_number() const {
  if (queue_.empty() || queue_.front().first_number == 0) return answered_;
  return queue_.front().first_number + queue_.front().done;
}

// False: it is an ordinary notice.
bool Relay::take_change(ByteView body, Actions& actions) {
  if (!changes_) return false;
  const ChangeRead read = read_change_notice(body, changes_->word());
  if (!read.ours) return false;
  // Something was changed, and nobody can say what.
  if (!read.notice) return broken(actions);
  const auto world = services_.world();
  const policy::TableRule* rule = rule_named(*world->policy, read.notice->table);
  if (rule == nullptr || rule->changes == policy::ChangeValues::off) return true;
  const std::uint64_t number = running_number();
  if (number != changes_number_) tell_changes(actions);
  changes_number_ = number;
  changes_->add(*read.notice, *rule, number);
  if (changes_->full()) tell_changes(actions);
  return true;
}

void Relay::tell_changes(Actions& actions) {
  if (!changes_ || changes_->empty()) return;
  scribe_.changed(changes_number_, changes_->xid(), changes_->take(), actions);
}

}  // namespace pgward::proxy
