#include "random_trail.h"

#include "audit/event.h"
#include "audit/sha256.h"

namespace pgward::audit {

std::string RandomTrail::pseudonym(unsigned n) const { return sha256_hex("person " + std::to_string(n)).substr(0, 32); }
std::string RandomTrail::session(unsigned n) { return sha256_hex("session " + std::to_string(n)).substr(0, 32); }
// Also names that want escapes, and one that tries to be more than a name.
std::string RandomTrail::user(unsigned n) {
  static const std::vector<std::string> kNames{"a.user@clinic.example", "b \"the\\ second\"", "Ö,\"touched\":[{\"subjects\":[\"00\"]}]", "", "\x01{[,"};
  return kNames[n % kNames.size()];
}

std::string RandomTrail::touched() {
  std::string list = ",\"touched\":[";
  const unsigned entries = 1 + pick(3);
  for (unsigned n = 0; n < entries; ++n) {
    static const char* const kModes[] = {"keys", "pred", "set", "none"};
    const std::string mode = kModes[pick(4)];
    list.append(n > 0 ? "," : "").append(R"({"table":"public.t)").append(std::to_string(pick(4))).append(R"(","mode":")").append(mode).append("\"");
    if (mode == "keys" || mode == "pred") {
      for (const char* member : {"records", "subjects"}) {
        list.append(",\"").append(member).append("\":[");
        const unsigned people = 1 + pick(5), first = pick(kPeople);
        for (unsigned k = 0; k < people; ++k) list.append(k > 0 ? ",\"" : "\"").append(pseudonym((first + k) % kPeople)).append("\"");
        list += ']';
      }
    }
    list.append(R"(,"later":{"x":["\"",{}]}})");
  }
  return list.append("]");
}

// From another key, and another person.
std::string RandomTrail::moved() { return R"("record_was":")" + pseudonym(pick(kPeople)) + R"(","subject_was":")" + pseudonym(pick(kPeople)) + "\","; }

std::string RandomTrail::told(unsigned session_number, std::uint64_t statement) {
  Actor actor;
  actor.issuer = "https://idp";
  actor.subject = user(users_[session_number]);
  actor.role = "clinician";
  actor.credential_id = "cred " + std::to_string(session_number);
  const std::string members = session_members(actor, {"192.0.2.1", 4, "app,\"op\":", ""}, {"db", "ehr", "app"});
  if (statement == 0) return audit::members(SessionOpen{members, session(session_number), "ab"});
  static const std::vector<TouchedTable> tables{{"public.t0", 'R', {"a"}, false, {"name"}}};
  StatementText text;
  text.session_members = members;
  text.kind = "SELECT";
  text.sql_sha256 = "00";
  text.tables = &tables;
  return audit::members(StatementRead{session(session_number), statement, &text, 0, nullptr});
}

std::string RandomTrail::next() {
  const unsigned session_number = pick(kSessions);
  std::uint64_t& statement = statements_[session_number];
  const std::string id = session(session_number);
  switch (pick(8)) {
    case 0:
      users_[session_number] = pick(kUsers);
      statement = 0;
      return told(session_number, 0);
    case 1: return told(session_number, ++statement).append(touched());
    case 2: return audit::members(StatementResult{id, statement, {3, "00000"}}).append(touched());
    case 3: return std::string(R"("type":"stmt.touch","session":")").append(id).append("\",\"statement\":").append(std::to_string(statement)).append(touched());
    case 4: {
      std::string members = std::string(R"("type":"stmt.change","session":")").append(id).append(R"(","statement":1,"changes":[)");
      for (unsigned n = 0, all = 1 + pick(3); n < all; ++n)
        members.append(n > 0 ? "," : "").append(R"({"table":"public.t0","action":"U","record":")").append(pseudonym(pick(kPeople))).append(R"(","subject":")").append(pseudonym(pick(kPeople))).append("\",").append(pick(3) == 0 ? moved() : "").append("\"columns\":[{\"name\":\"record\",\"old\":null}]}");
      return members.append("]");
    }
    case 5: return audit::members(AuthFail{{"192.0.2.9", 1, "", ""}, "expired"});
    case 6: return audit::members(SessionRenew{id, "jwt", "renewed " + std::to_string(session_number), 5});
    default: {
      const StatementOutcome outcome{1, "00000"};
      const std::uint64_t like = statement;
      ++statement;
      if (like == 0) return told(session_number, statement);
      return audit::members(StatementRead{id, statement, nullptr, like, &outcome}).append(pick(2) ? touched() : "");
    }
  }
}

}  // namespace pgward::audit
