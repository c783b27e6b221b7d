// Parameters that carry a tenant: what is bound to them must be the caller's own.
#pragma once

#include <optional>

#include "policy/plan.h"
#include "protocol/bind.h"
#include "proxy/session/expected.h"

namespace pgward::proxy {

// Types in which a client may declare such a parameter: those whose assignment to the tenant column cannot
// change the value. ("char", for one, would cut it.) 0 and unknown: the server takes the column's own.
inline bool keeps_its_value(policy::TenantType type, std::uint32_t declared) {
  constexpr std::uint32_t kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kUnknown = 705, kVarchar = 1043, kUuid = 2950;
  switch (declared) {
    case 0: case kUnknown: case kText: case kVarchar:
      return true;
    case kInt2: case kInt4: case kInt8:
      return type == policy::TenantType::int2 || type == policy::TenantType::int4 || type == policy::TenantType::int8;
    case kUuid:
      return type == policy::TenantType::uuid;
    default:
      return false;
  }
}

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
    if (!keeps_its_value(check.type, type)) return check.relation;
    const auto value = bind.format_of(index) == 0
                           ? policy::canonical(check.type, *bind.parameters[index])
                           : policy::canonical_binary(check.type, type, *bind.parameters[index]);
    if (!value || *value != *own) return check.relation;
  }
  return std::nullopt;
}

}  // namespace pgward::proxy
