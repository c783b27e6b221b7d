// Records about sessions: who came, from where, onto what, and how it ended.
#include "audit/event_parts.h"

namespace pgward::audit {

std::string session_members(const Actor& actor, const Source& source, const Database& database) {
  std::string out;
  JsonMembers all{out};
  {
    auto who = all.object("actor");
    who.text("iss", actor.issuer).text("sub", actor.subject).text("role", actor.role);
    auto credential = who.object("cred");
    credential.text("type", actor.credential_type).text("id", actor.credential_id);
    credential.number("exp", actor.credential_expires_at);
  }
  if (!actor.bound) {
    all.text("tenant", "none");
  } else {
    auto tenant = all.object("tenant");
    for (const auto& [attribute, value] : actor.tenant) tenant.text(attribute, value);
  }
  append_source(all, source);
  all.object("db").text("host", database.host).text("name", database.name).text("user", database.user);
  return out;
}

void append_subject_key(std::string& session_members, std::string_view kid) {
  session_members += ",\"subject_key\":";
  append_json_string(session_members, kid);
}

std::string members(const SessionOpen& event) {
  std::string out;
  JsonMembers{out}
      .text("type", "session.open")
      .text("session", event.session_id)
      .rendered(event.session_members)
      .text("policy", event.policy_sha256);
  return out;
}

std::string members(const SessionRenew& event) {
  std::string out;
  JsonMembers all{out};
  all.text("type", "session.renew").text("session", event.session_id);
  auto credential = all.object("cred");
  credential.text("type", event.credential_type).text("id", event.credential_id).number("exp", event.credential_expires_at);
  return out;
}

std::string members(const SessionClose& event) {
  std::string out;
  JsonMembers{out}
      .text("type", "session.close")
      .text("session", event.session_id)
      .text("reason", event.reason)
      .number("statements", event.statements);
  return out;
}

std::string members(const BreakGlassOpen& event) {
  std::string out;
  JsonMembers{out}
      .text("type", "break_glass.open")
      .text("session", event.session_id)
      .rendered(event.session_members)
      .text("break_glass", event.id)
      .text("reason", event.reason)
      .number("until", event.until)
      .text("policy", event.policy_sha256);
  return out;
}

// Not "break_glass": this record is about it, not part of it.
std::string members(const BreakGlassSignOff& event) {
  std::string out;
  JsonMembers{out}
      .text("type", "break_glass.sign_off")
      .text("session", event.session_id)
      .rendered(event.session_members)
      .text("signs", event.id);
  return out;
}

std::string members(const AlertSent& event) {
  std::string out;
  JsonMembers{out}.text("type", event.sent ? "alert.sent" : "alert.failed").text("about", event.id);
  return out;
}

std::string members(const AuthFail& event) {
  std::string out;
  JsonMembers all{out};
  all.text("type", "auth.fail").text("reason", event.reason);
  append_source(all, event.source);
  return out;
}

std::string members(const RevocationList& event) {
  std::string out;
  JsonMembers all{out};
  all.text("type", "revocation.list").number("entries", static_cast<std::int64_t>(event.entries));
  if (!event.complete) all.number("bad_line", static_cast<std::int64_t>(event.bad_line));
  return out;
}

}  // namespace pgward::audit
