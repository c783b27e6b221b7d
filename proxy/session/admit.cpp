#include "proxy/session/admit.h"

#include <algorithm>

#include "proxy/session/role_choice.h"
#include "proxy/session/startup_parameters.h"

namespace pgward::proxy {

namespace {

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// Whoever has a role for emergencies says why, in one of the policy's words. Takes that setting out of the request: it
// is none of the server's.
std::variant<std::optional<Emergency>, LoginRefused> break_glass(Services& services, const policy::BreakGlass* glass,
                                                                 const auth::Identity& identity,
                                                                 UpstreamParameters& parameters) {
  if (!glass) return std::optional<Emergency>();
  std::string given = std::move(parameters.reason);
  if (given.empty())
    if (const auto claim = identity.claims.find(kReasonClaim); claim != identity.claims.end()) given = claim->second;
  auto reason = known_reason(*glass, given);
  if (!reason) return LoginRefused{SessionError::break_glass_reason};
  return std::optional(Emergency{"bg-" + hex(services.random_bytes(8)), std::move(*reason), services.now() + glass->max_minutes * 60});
}

}  // namespace

std::variant<Admitted, LoginRefused> admit(Services& services, std::shared_ptr<const World> world,
                                           auth::Identity identity, const StartupRequest& request) {
  using enum SessionError;
  const policy::Policy& policy = *world->policy;
  auto role = choose_role(identity.roles, request.user, policy);
  if (!role) return LoginRefused{several_roles};
  if (!world->strong_enough(identity, *role)) return LoginRefused{stronger_login};
  auto tenant = policy::tenant_values(policy, *role, identity.claims);
  if (std::holds_alternative<std::string>(tenant))
    return LoginRefused{authentication_failed, "tenant claim missing, malformed, or of a role without a tenant"};

  const Upstream& upstream = services.upstream();
  if (std::find(upstream.databases.begin(), upstream.databases.end(), request.database) == upstream.databases.end())
    return LoginRefused{unknown_database};
  const std::string& user = upstream.user_of(*role);
  std::string catalog = catalog_name(request.database, user, upstream.user);
  if (!policy.passes_everything() && !world->catalog(catalog)) return LoginRefused{policy_not_served};

  if (const auto revocations = services.revocations()) {
    if (revocations->revoked(identity, std::get<policy::TenantValues>(tenant).all())) return LoginRefused{authentication_failed, "revoked"};
    if (!revocations->complete()) return LoginRefused{revocations_unknown};
  }

  Admitted admitted;
  admitted.caller = Caller{*role, std::get<policy::TenantValues>(std::move(tenant)), request.database, std::move(catalog)};
  if (const auto found = policy.roles.find(*role); found != policy.roles.end()) admitted.caller.bound = found->second.bound;
  const policy::BreakGlass* glass = policy.break_glass(*role);
  admitted.caller.emergency = glass != nullptr;
  auto parameters = upstream_parameters(request.parameters, policy, admitted.caller, user);
  if (auto* refused = std::get_if<RefusedParameter>(&parameters)) return LoginRefused{parameter_refused, {}, std::move(refused->name)};
  auto& sent = std::get<UpstreamParameters>(parameters);
  auto emergency = break_glass(services, glass, identity, sent);
  if (auto* refused = std::get_if<LoginRefused>(&emergency)) return *refused;
  admitted.emergency = std::move(std::get<std::optional<Emergency>>(emergency));
  admitted.startup = std::move(sent.list);
  if (policy.tells_changes()) {
    admitted.changes_word = hex(services.random_bytes(16));
    admitted.startup.emplace_back(policy::kChangesSetting, admitted.changes_word);
  }
  admitted.search_path_given = sent.search_path_given;
  admitted.application = std::move(sent.application);
  admitted.identity = std::move(identity);
  admitted.world = std::move(world);
  admitted.protocol_minor = request.protocol_minor;
  return admitted;
}

}  // namespace pgward::proxy
