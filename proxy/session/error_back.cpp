#include "proxy/session/error_back.h"

#include <charconv>

#include "policy/refusal.h"

namespace pgward::proxy {
namespace {

using protocol::Fields;

// The position counts characters of what the server got; the client knows only its own text.
void map_position(rules::ScrubbedFields& fields, const Statement& statement, const Caller& caller) {
  if (!statement.changed()) return;
  const auto position = protocol::field(fields.fields(), 'P');
  if (position.empty()) return;
  std::uint32_t at = 0;
  const auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), at);
  std::uint32_t mapped = 0;
  if (error == std::errc{} && end == position.data() + position.size())
    mapped = policy::original_position(*statement.plan, statement.sql, *statement.world->policy, caller.tenant, at);
  fields.move_position(mapped);
}

bool guard_failed(const Fields& fields) {
  for (const auto& [code, value] : fields)
    if (value.find(policy::kGuardMarker) != std::string::npos) return true;
  return false;
}

}  // namespace

ErrorBack error_back(ClientError::Type type, protocol::ByteView body, const Statement* statement, const Caller& caller,
                     const rules::Scrubber& scrubber, const rules::KnownNames& names, const rules::AllowedTexts& allowed) {
  auto decoded = protocol::decode_fields(body);
  const Fields fields = decoded ? std::move(*decoded) : Fields{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "XX000"}, {'M', ""}};
  if (type == ClientError::Type::error && guard_failed(fields)) {
    constexpr auto refusal = policy::Refusal::foreign_tenant;
    return {ClientError{refusal, ShownName{}}, std::string(policy::text_of(refusal).sqlstate), false, true};
  }
  auto clean = scrubber.scrub(fields, names, &allowed);
  if (statement) map_position(clean, *statement, caller);
  const auto severity = protocol::field(clean.fields(), 'V');
  return {ClientError{type, clean}, std::string(protocol::field(clean.fields(), 'C')), severity == "FATAL" || severity == "PANIC", false};
}

}  // namespace pgward::proxy
