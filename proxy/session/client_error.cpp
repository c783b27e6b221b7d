#include "proxy/session/client_error.h"

#include "protocol/error_response.h"
#include "proxy/session/known_settings.h"

namespace pgward::proxy {
namespace {

using protocol::Bytes;
using protocol::Fields;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Bytes own_error(std::string_view severity, std::string_view sqlstate, std::string message, std::string_view hint) {
  Fields fields{{'S', std::string(severity)}, {'V', std::string(severity)}, {'C', std::string(sqlstate)}, {'M', std::move(message)}};
  if (!hint.empty()) fields.emplace_back('H', std::string(hint));
  Bytes out;
  protocol::encode_error(out, fields);
  return out;
}

Bytes fatal(const SessionErrorText& text) { return own_error("FATAL", text.sqlstate, std::string(text.message), text.hint); }

}  // namespace

ShownName ShownName::of_setting(std::string_view written, const policy::Policy& policy) {
  ShownName shown;
  const std::string name = lower(written);
  for (const auto& attribute : policy.tenant)
    if (name == lower(attribute.setting)) shown.text_ = attribute.setting;
  if (name == "options") shown.text_ = name;  // not a setting, and what holds some
  if (shown.text_.empty()) shown.text_ = known_setting(name);
  return shown;
}

ClientError::ClientError(Type type, const rules::ScrubbedFields& fields) {
  if (type == Type::error)
    protocol::encode_error(bytes_, fields.fields());
  else
    protocol::encode_notice(bytes_, fields.fields());
}

ClientError::ClientError(policy::Refusal refusal, const ShownName& object) {
  const policy::RefusalText& text = policy::text_of(refusal);
  std::string message(text.message);
  if (!object.text().empty()) message.append(": ").append(object.text());
  bytes_ = own_error("ERROR", text.sqlstate, std::move(message), policy::hint_of(refusal, object.text()));
}

ClientError::ClientError(SessionError error) : bytes_(fatal(text_of(error))) {}

ClientError::ClientError(const ShownName& refused_setting) {
  const SessionErrorText& text = text_of(SessionError::parameter_refused);
  const std::string& setting = refused_setting.text();
  if (setting.empty()) {
    bytes_ = fatal(text);
    return;
  }
  const std::string hint =
      setting == "client_encoding" ? "Set it to UTF8: pgward has to read every statement."
      : setting == "options"       ? "It must hold settings only, as in -c statement_timeout=5s."
                                   : "Leave it out of the connection's settings and of options. " + std::string(text.hint);
  bytes_ = own_error("FATAL", text.sqlstate, "startup parameter \"" + setting + "\" is not allowed by the policy", hint);
}

}  // namespace pgward::proxy
