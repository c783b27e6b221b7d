#include "proxy/session/renewal.h"

#include "proxy/session/role_choice.h"

namespace pgward::proxy {

std::optional<auth::Bearer> renewed(Services& services, const auth::Bearer& bearer, const Caller& caller,
                                    std::string_view token) {
  const auto world = services.world();
  if (token.empty() || bearer.credential_type != "jwt") return std::nullopt;
  auto verified = services.tokens().verify(world->verifier, token, services.now());
  auto* identity = std::get_if<auth::Identity>(&verified);
  if (!identity || identity->issuer != bearer.issuer || identity->subject != bearer.subject) return std::nullopt;
  if (!may_have(identity->roles, caller.role, *world->policy)) return std::nullopt;
  if (!world->strong_enough(*identity, caller.role)) return std::nullopt;
  const auto tenant = policy::tenant_values(*world->policy, caller.role, identity->claims);
  const auto* values = std::get_if<policy::TenantValues>(&tenant);
  if (!values || values->all() != caller.tenant.all() || identity->expires_at < bearer.expires_at) return std::nullopt;
  if (const auto revocations = services.revocations())
    if (!revocations->complete() || revocations->revoked(*identity, values->all())) return std::nullopt;
  return std::move(*identity);
}

}  // namespace pgward::proxy
