// OCSF 1.3.0 (schema.ocsf.io). Required in every class: activity_id, category_uid, class_uid, metadata (product,
// version), severity_id, time, type_uid; what else a class wants stands beside it.
#include "audit/format/facts.h"
#include "audit/timestamp.h"

namespace pgward::audit {
namespace {

struct Class {
  int category = 6;
  const char* category_name = "Application Activity";
  int uid = 6005;
  const char* name = "Datastore Activity";
};
constexpr Class kDatastore{}, kLifecycle{6, "Application Activity", 6002, "Application Lifecycle"}, kAuthentication{3, "Identity & Access Management", 3002, "Authentication"};

struct Activity {
  int id = 99;
  std::string name = "Other";
};

std::int64_t milliseconds(std::string_view ts) { return timestamp_us(ts).value_or(0) / 1000; }

void put(Json& object, const char* name, std::string_view text) {
  if (!text.empty()) object[name] = text;
}

const Class& class_of(const CompleteEvent& event) {
  if (is_statement(event) || event.type.starts_with("tx.")) return kDatastore;
  if (event.type.starts_with("session.") || event.type.starts_with("auth.") || event.type.starts_with("break_glass.")) return kAuthentication;
  return kLifecycle;
}

Activity activity_of(const CompleteEvent& event) {
  if (is_statement(event)) {
    switch (action_of(event)) {
      case 'D': return {7, "Delete"};
      case 'U': return {2, "Update"};
      case 'C': return {6, "Create"};
      default: return {4, "Query"};
    }
  }
  if (event.type == "session.open" || event.type == "auth.fail") return {1, "Logon"};
  if (event.type == "session.close") return {2, "Logoff"};
  if (event.type == "log.open") return {3, "Start"};
  if (event.type == "log.close") return {4, "Stop"};
  return {99, event.type};
}

Activity severity_of(const CompleteEvent& event) {
  if (event.type == "stmt.mismatch" || event.type == "log.degraded") return {5, "Critical"};
  if (event.type.starts_with("break_glass.") || event.type == "alert.failed" || event.type == "log.recover") return {4, "High"};
  return outcome_of(event) == Outcome::refused ? Activity{3, "Medium"} : Activity{1, "Informational"};
}

Json user_of(const CompleteEvent& event) {
  const std::string_view subject = event.text("actor", "sub");
  if (subject.empty()) return {{"name", "unknown"}, {"type_id", 0}};
  Json user{{"name", subject}, {"uid", subject}, {"type_id", 1}};
  put(user, "domain", event.text("actor", "iss"));
  if (const auto role = event.text("actor", "role"); !role.empty()) user["groups"] = Json::array({Json{{"name", role}}});
  return user;
}

Json session_of(const CompleteEvent& event) {
  Json session = Json::object();
  put(session, "uid", event.text("session"));
  put(session, "issuer", event.text("actor", "iss"));
  const Json* credential = credential_of(event);
  if (credential == nullptr) return session;
  put(session, "credential_uid", text_in(*credential, "id"));
  if (const Json* end = member_of(*credential, "exp"); end != nullptr && end->is_number_integer()) {
    constexpr std::int64_t kFarthest = 253'402'300'799;  // the year 9999
    const auto seconds = end->is_number_unsigned() && end->get<std::uint64_t>() > std::uint64_t{kFarthest} ? kFarthest : end->get<std::int64_t>();
    session["expiration_time"] = std::max<std::int64_t>(seconds, 0) * 1000;
  }
  return session;
}

Json source_of(const CompleteEvent& event) {
  Json source = Json::object();
  const std::string_view address = event.text("src", "ip");
  if (address.empty() || address == "unix") {
    source["name"] = address.empty() ? "unknown" : "unix";
  } else {
    source["ip"] = address;
    const Json* port = member_of(*event.find("src"), "port");
    if (port != nullptr && port->is_number_unsigned() && port->get<std::uint64_t>() < 65'536) source["port"] = *port;
  }
  put(source, "svc_name", event.text("src", "app"));
  return source;
}

Json destination_of(const CompleteEvent& event) {
  const std::string_view host = event.text("db", "host");
  return {{"hostname", host.empty() ? "unknown" : host}, {"svc_name", "postgresql"}};
}

void put_statement(const CompleteEvent& event, Json& out) {
  Json actor{{"user", user_of(event)}};
  actor["session"] = session_of(event);
  put(actor, "app_name", event.text("src", "app"));
  out["actor"] = std::move(actor);
  out["src_endpoint"] = source_of(event);
  out["dst_endpoint"] = destination_of(event);
  const std::string_view database = event.text("db", "name");
  out["database"] = {{"name", database.empty() ? "unknown" : database}, {"type", "Relational"}, {"type_id", 1}};
  if (const auto tables = tables_of(event); !tables.empty()) out["table"] = {{"name", tables.front().name}};
  out["type"] = "Database";
  out["type_id"] = 1;
  // The text of a statement is not kept: its hash names it.
  if (const auto hash = event.text("sql", "sha256"); !hash.empty()) {
    std::string text = "sha256:";
    text += hash;
    out["query_info"] = {{"query_string", text}};
    put(out["query_info"], "name", event.text("op"));
  }
}

void put_session(const CompleteEvent& event, Json& out) {
  out["user"] = user_of(event);
  out["session"] = session_of(event);
  out["src_endpoint"] = source_of(event);
  out["dst_endpoint"] = destination_of(event);
  out["service"] = {{"name", "pgward"}};
  out["is_remote"] = event.text("src", "ip") != "unix";
  if (const Json* credential = credential_of(event))
    if (const auto type = text_in(*credential, "type"); !type.empty()) {
      out["auth_protocol_id"] = 99;
      out["auth_protocol"] = type;
    }
  put(out, "status_detail", event.text("reason"));
}

void put_status(const CompleteEvent& event, Json& out) {
  switch (outcome_of(event)) {
    case Outcome::success: out["status_id"] = 1, out["status"] = "Success"; break;
    case Outcome::refused:
    case Outcome::failure: out["status_id"] = 2, out["status"] = "Failure"; break;
    case Outcome::open:
    case Outcome::unknown: out["status_id"] = 0, out["status"] = "Unknown"; break;
  }
  put(out, "status_code", event.text("sqlstate"));
  if (is_statement(event)) put(out, "status_detail", event.text("reason"));
}

Json metadata_of(const CompleteEvent& event, const Producer& producer) {
  std::string uid = event.log;
  uid += '/';
  uid += std::to_string(event.seq);
  Json metadata{{"version", "1.3.0"}, {"product", {{"name", "pgward"}, {"vendor_name", "pgward"}, {"version", producer.version}}}};
  metadata["uid"] = uid;
  metadata["sequence"] = event.seq;
  metadata["event_code"] = event.type;
  metadata["log_name"] = event.log;
  metadata["original_time"] = event.ts;
  put(metadata, "correlation_uid", event.text("session"));
  return metadata;
}

// What the schema has no place for, under our own names; nothing that is encrypted.
Json unmapped_of(const CompleteEvent& event, const Class& kind) {
  Json rest = Json::object();
  for (const auto& [name, value] : event.record.items()) {
    static constexpr std::string_view kMapped = " v log seq ts type session actor src db op sql cred sealed note tree ";
    std::string word = " ";
    word += name;
    word += ' ';
    if (kMapped.find(word) != std::string_view::npos && (kind.uid != 6002 || name != "actor")) continue;
    if (name == "touched" || name == "changes") {
      rest[name] = Json::array();
      for (Json one : value.is_array() ? value : Json::array()) {
        if (one.is_object()) one.erase("sealed");
        rest[name].push_back(std::move(one));
      }
      continue;
    }
    rest[name] = value;
  }
  rest["hash"] = event.hash;
  return rest;
}

}  // namespace

std::string ocsf_event(const CompleteEvent& event, const Producer& producer) {
  const Class& kind = class_of(event);
  const Activity activity = activity_of(event), severity = severity_of(event);
  Json out = Json::object();
  out["activity_id"] = activity.id;
  out["activity_name"] = activity.name;
  out["category_uid"] = kind.category;
  out["category_name"] = kind.category_name;
  out["class_uid"] = kind.uid;
  out["class_name"] = kind.name;
  out["type_uid"] = kind.uid * 100 + activity.id;
  std::string type_name = kind.name;
  type_name += ": ";
  out["type_name"] = type_name += activity.name;
  out["time"] = milliseconds(event.ts);
  out["severity_id"] = severity.id;
  out["severity"] = severity.name;
  put_status(event, out);
  out["message"] = event.type;
  out["metadata"] = metadata_of(event, producer);
  if (kind.uid == 6005) put_statement(event, out);
  else if (kind.uid == 3002) put_session(event, out);
  else out["app"] = {{"name", "pgward"}, {"vendor_name", "pgward"}, {"version", producer.version}};
  out["unmapped"] = unmapped_of(event, kind);
  return dumped(out);
}

}  // namespace pgward::audit
