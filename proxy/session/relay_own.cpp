// What pgward answers itself: who the session belongs to, and a newer token for it.
//
// The statement travels all the same, as one that does nothing: then the order of replies, the state of the transaction
// and the protocol's formats are the server's own. Only the value of the row is put in on its way back. The token goes
// no further than this file.
#include <array>

#include "audit/json_text.h"
#include "auth/utc_time.h"
#include "protocol/command_complete.h"
#include "proxy/session/own_statement.h"
#include "proxy/session/relay.h"
#include "proxy/session/renewal.h"

namespace pgward::proxy {
namespace {

std::shared_ptr<const policy::Plan> harmless_plan() {
  static const auto plan = [] {
    auto made = std::make_shared<policy::Plan>();
    made->statements.emplace_back();
    made->statements.back().kind = policy::StatementKind::show;
    made->statements.back().reads_only = true;
    return std::shared_ptr<const policy::Plan>(std::move(made));
  }();
  return plan;
}

}  // namespace

std::shared_ptr<const Statement> Relay::judge_own(const OwnStatement& own, std::size_t sql_bytes) {
  auto statement = std::make_shared<Statement>();
  statement->world = services_.world();
  statement->plan = harmless_plan();
  statement->shows = own.shows;
  if (own.shows) {
    statement->changed_sql = "SELECT ''::pg_catalog.text AS \"" + std::string(name_of(*own.shows)) + '"';
    return statement;
  }
  statement->sql_bytes = sql_bytes;
  statement->changed_sql = own.sets == OwnChange::Kind::token ? "SET pgward.token TO DEFAULT" : "SET pgward.sign_off TO DEFAULT";
  statement->change = std::make_shared<const OwnChange>(OwnChange{own.sets, auth::Secret(own.value)});
  return statement;
}

// When the statement is run, not when it is parsed: what is only prepared changes nothing.
std::optional<policy::Refusal> Relay::change_own(const Statement& statement, Actions& actions) {
  if (!statement.change) return std::nullopt;
  const std::string_view value = statement.change->value.reveal();
  if (statement.change->kind == OwnChange::Kind::sign_off) {
    if (!may_sign_off(value)) return policy::Refusal::sign_off_refused;
    scribe_.signed_off(value, actions);
    return std::nullopt;
  }
  auto newer = renewed(services_, bound_->bearer, bound_->caller, value);
  if (!newer) return policy::Refusal::credential_refused;
  auto next = std::make_unique<Bound>(*bound_);
  next->bearer = std::move(*newer);
  bound_ = services_.shared(std::move(next));
  scribe_.renewed(bound_->bearer, actions);
  return std::nullopt;
}

// Somebody else than the user, with a role that the policy names, who sees that tenant or has none. The same answer
// whether it is the wrong person or there is no such emergency.
bool Relay::may_sign_off(std::string_view id) {
  const auto access = services_.emergency_access(id);
  const Caller& caller = bound_->caller;
  if (!access || caller.emergency || access->subject == bound_->bearer.subject) return false;
  if (caller.bound && caller.tenant.all() != access->tenant) return false;
  return services_.world()->policy->may_sign_off(caller.role, access->role);
}

std::string Relay::own_value(OwnSetting setting) const {
  const auth::Bearer& bearer = bound_->bearer;
  std::string tenant;
  {
    audit::JsonMembers members{tenant};
    for (const auto& [name, value] : bound_->caller.tenant.all()) members.text(name, value);
  }
  tenant = '{' + tenant + '}';
  switch (setting) {
    case OwnSetting::subject: return bearer.subject;
    case OwnSetting::issuer: return bearer.issuer;
    case OwnSetting::role: return bound_->caller.role;
    case OwnSetting::tenant: return tenant;
    case OwnSetting::expires: return auth::utc_text(bearer.expires_at);
    case OwnSetting::credential: return bearer.credential_type + ' ' + bearer.credential_id;
    case OwnSetting::session: return scribe_.session_id();
    case OwnSetting::break_glass: return scribe_.emergency();
    case OwnSetting::identity:
    case OwnSetting::count_: break;
  }
  std::string all;
  audit::JsonMembers members{all};
  members.text("subject", bearer.subject).text("issuer", bearer.issuer).text("role", bound_->caller.role);
  members.rendered("\"tenant\":" + tenant);
  members.text("database", bound_->caller.database).text("credential", bearer.credential_type).text("id", bearer.credential_id);
  members.text("expires", auth::utc_text(bearer.expires_at)).text("session", scribe_.session_id());
  if (bound_->caller.emergency)
    members.text("break_glass", scribe_.emergency()).text("until", auth::utc_text(bound_->emergency_until));
  return '{' + all + '}';
}

// In place of the server's DataRow: one column, text, which looks the same in both formats.
void Relay::own_row(Expected& entry, Actions& actions) {
  ++entry.rows;
  const std::string value = own_value(*entry.statement->shows);
  actions.send_to_client(own_message<protocol::encode_data_row>(std::array{ByteView(value)}));
}

}  // namespace pgward::proxy
