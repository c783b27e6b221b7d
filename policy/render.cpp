#include "policy/plan.h"

namespace pgward::policy {
namespace {

bool append_piece(std::string& out, const std::variant<std::string, std::size_t>& piece, const Policy& policy,
                  const TenantValues& tenant) {
  if (const auto* text = std::get_if<std::string>(&piece)) {
    out += *text;
    return true;
  }
  const std::size_t index = std::get<std::size_t>(piece);
  if (index == kTagPiece) return out += tenant.tag(), true;
  if (index >= policy.tenant.size()) return false;
  const std::string* value = tenant.find(policy.tenant[index].name);
  if (value == nullptr) return false;
  out += quote_literal(*value);
  return true;
}

Rendered refuse(Refusal reason, std::string object) {
  Rendered result;
  result.refusal = reason;
  result.object = std::move(object);
  return result;
}

}  // namespace

Rendered render(const Plan& plan, std::string_view sql, const Policy& policy, const TenantValues& tenant,
                const std::vector<Literal>* literals) {
  if (plan.refusal) return refuse(*plan.refusal, plan.object);
  for (const LiteralCheck& check : plan.literal_checks) {
    const std::string* value = tenant.find(check.attribute);
    if (value == nullptr || *value != check.value)
      return refuse(Refusal::foreign_tenant, check.relation.text());
  }
  Rendered result;
  if (plan.edits.empty()) return result;
  if (literals != nullptr && literals->size() != plan.literals.size()) return refuse(Refusal::unproven, {});
  Places places(plan.literals, literals);
  result.changed = true;
  result.sql.reserve(sql.size() + plan.edits.size() * 96);
  std::size_t done = 0;
  for (const Edit& edit : plan.edits) {
    const std::size_t at = places.of(edit.at);
    // A plan belongs to one shape of text; with any other text nothing is sent.
    if (at < done || at + edit.removed > sql.size()) return refuse(Refusal::unproven, {});
    result.sql.append(sql, done, at - done);
    for (const auto& piece : edit.inserted)
      if (!append_piece(result.sql, piece, policy, tenant)) return refuse(Refusal::missing_tenant, {});
    done = at + edit.removed;
  }
  result.sql.append(sql, done);
  return result;
}

}  // namespace pgward::policy
