// Parameters that carry a tenant: what is bound to them must be the caller's own.
#pragma once

#include <optional>

#include "policy/plan.h"
#include "protocol/bind.h"
#include "proxy/session/expected.h"

namespace pgward::proxy {

// The relation into which a parameter would put a row of another tenant; nothing when all is well.
inline std::optional<policy::RelationName> foreign_parameter(const protocol::Bind& bind, const Prepared& prepared,
                                                             const Caller& caller) {
  for (const policy::BindCheck& check : prepared.statement->plan->bind_checks) {
    const std::size_t index = check.parameter - std::size_t{1};
    const std::string* own = caller.tenant.find(check.attribute);
    // Too few parameters: the server will say so. NULL is nobody's, hence foreign.
    if (index >= bind.parameters.size()) continue;
    if (!own || !bind.parameters[index]) return check.relation;
    const std::uint32_t type = index < prepared.parameter_types.size() ? prepared.parameter_types[index] : 0;
    const auto value = bind.format_of(index) == 0
                           ? policy::canonical(check.type, *bind.parameters[index])
                           : policy::canonical_binary(check.type, type, *bind.parameters[index]);
    if (!value || *value != *own) return check.relation;
  }
  return std::nullopt;
}

}  // namespace pgward::proxy
