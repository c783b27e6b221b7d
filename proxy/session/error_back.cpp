#include "proxy/session/error_back.h"

#include <charconv>

#include "policy/refusal.h"

namespace pgward::proxy {
namespace {

using protocol::Bytes;
using protocol::Fields;

std::string* field(Fields& fields, char code) {
  for (auto& [key, value] : fields)
    if (key == code) return &value;
  return nullptr;
}

// The position counts characters of what the server got; the client knows only its own text.
void map_position(Fields& fields, const Statement& statement, const Caller& caller) {
  if (!statement.changed()) return;
  std::string* position = field(fields, 'P');
  if (!position) return;
  std::uint32_t at = 0;
  auto [end, error] = std::from_chars(position->data(), position->data() + position->size(), at);
  std::uint32_t mapped = 0;
  if (error == std::errc{} && end == position->data() + position->size())
    mapped = policy::original_position(*statement.plan, statement.sql, *statement.world->policy, caller.tenant, at);
  if (mapped != 0)
    *position = std::to_string(mapped);
  else
    std::erase_if(fields, [](const auto& entry) { return entry.first == 'P'; });
}

bool guard_failed(const Fields& fields) {
  for (const auto& [code, value] : fields)
    if (value.find(policy::kGuardMarker) != std::string::npos) return true;
  return false;
}

ErrorBack refused(policy::Refusal refusal) {
  return {refusal_message(refusal, {}), std::string(policy::text_of(refusal).sqlstate), false, true};
}

}  // namespace

Bytes refusal_message(policy::Refusal refusal, std::string_view object) {
  const policy::RefusalText& text = policy::text_of(refusal);
  std::string message(text.message);
  if (!object.empty()) message.append(": ").append(object);
  Fields fields{{'S', "ERROR"}, {'V', "ERROR"}, {'C', std::string(text.sqlstate)}, {'M', std::move(message)}};
  const std::string_view hint = policy::hint_of(refusal, object);
  if (!hint.empty()) fields.emplace_back('H', std::string(hint));
  Bytes out;
  protocol::encode_error(out, fields);
  return out;
}

ErrorBack error_back(char type, protocol::ByteView body, const Statement* statement, const Caller& caller,
                     const rules::Scrubber& scrubber, const rules::KnownNames& names) {
  auto decoded = protocol::decode_fields(body);
  Fields fields = decoded ? std::move(*decoded) : Fields{{'S', "ERROR"}, {'V', "ERROR"}, {'C', "XX000"}, {'M', ""}};
  if (type == 'E' && guard_failed(fields)) return refused(policy::Refusal::foreign_tenant);

  Fields clean = scrubber.scrub(fields, names).fields();
  if (statement) map_position(clean, *statement, caller);
  ErrorBack back;
  if (const std::string* code = field(clean, 'C')) back.sqlstate = *code;
  const std::string* severity = field(clean, 'V');
  back.fatal = severity && (*severity == "FATAL" || *severity == "PANIC");
  if (type == 'E')
    protocol::encode_error(back.message, clean);
  else
    protocol::encode_notice(back.message, clean);
  return back;
}

}  // namespace pgward::proxy
