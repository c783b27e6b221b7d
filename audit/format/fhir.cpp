// FHIR R4 AuditEvent (hl7.org/fhir/R4/auditevent.html) after IHE BALP: PatientRead, PatientQuery, PatientCreate,
// PatientUpdate, PatientDelete, and their forms without a patient. BALP knows REST: a statement that released rows of a
// patient whose key is known is a read, one that may have is a query. A profile is claimed only where all that it wants is
// there: a success, by somebody, from somewhere.
#include <algorithm>

#include "audit/base64.h"
#include "audit/format/facts.h"

namespace pgward::audit {
namespace {

constexpr const char *kDicom = "http://dicom.nema.org/resources/ontology/DCM", *kEventType = "http://terminology.hl7.org/CodeSystem/audit-event-type",
                     *kRest = "http://hl7.org/fhir/restful-interaction", *kEntityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type",
                     *kObjectRole = "http://terminology.hl7.org/CodeSystem/object-role", *kParticipation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                     *kProfile = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";

Json coding(const char* system, const char* code, const char* display) { return {{"system", system}, {"code", code}, {"display", display}}; }
Json concept_of(const char* system, const char* code, const char* display) { return {{"coding", Json::array({coding(system, code, display)})}}; }
Json named(std::string_view system, std::string_view value) {
  Json identifier = Json::object();
  if (!system.empty()) identifier["system"] = system;
  identifier["value"] = value;
  return {{"identifier", std::move(identifier)}};
}

// How a statement reads in BALP.
struct Interaction {
  const char *profile, *subtype, *action;
  Json client, server, user;  // the types of agents
};

Interaction interaction_of(char action, bool keys) {
  const Json source = concept_of(kDicom, "110153", "Source Role ID"), destination = concept_of(kDicom, "110152", "Destination Role ID");
  const Json author = concept_of(kParticipation, "AUT", "author (originator)"), recipient = concept_of(kParticipation, "IRCP", "information recipient");
  switch (action) {
    case 'C': return {"Create", "create", "C", source, destination, author};
    case 'U': return {"Update", "update", "U", source, destination, author};
    case 'D': return {"Delete", "delete", "D", concept_of(kDicom, "110150", "Application"),
                      concept_of("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "custodian", "Custodian"), author};
    default: break;
  }
  if (keys) return {"Read", "read", "R", destination, source, recipient};
  return {"Query", "search", "E", source, destination, recipient};
}

Json network(std::string_view address) {
  const bool ip = !address.empty() && address.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos && address.find_first_of(".:") != std::string_view::npos;
  return {{"address", address.empty() ? "unknown" : address}, {"type", ip ? "2" : "1"}};
}

Json user_agent(const CompleteEvent& event, const Json& type) {
  Json user{{"type", type}};
  const std::string_view role = event.text("actor", "role");
  if (!role.empty()) user["role"] = Json::array({Json{{"text", role}}});
  const std::string_view subject = event.text("actor", "sub");
  user["who"] = subject.empty() ? named("", "unknown") : named(event.text("actor", "iss"), subject);
  if (!subject.empty()) user["name"] = subject;
  user["requestor"] = true;
  return user;
}

Json client_agent(const CompleteEvent& event, const Json& type) {
  const std::string_view application = event.text("src", "app");
  return {{"type", type}, {"who", named("", application.empty() ? "unnamed application" : application)}, {"requestor", false}, {"network", network(event.text("src", "ip"))}};
}

Json server_agent(const CompleteEvent& event, const Json& type) {
  std::string name(event.text("db", "host"));
  if (name.empty()) name = "unknown";
  if (const auto database = event.text("db", "name"); !database.empty()) (name += '/') += database;
  return {{"type", type}, {"who", named("", name)}, {"requestor", false}, {"network", network(event.text("db", "host"))}};
}

// Of a record's lists: they stand in the event of each of its patients. What is cut off ends with " ..."; the record has all.
constexpr std::size_t kDetailBytesMax = 8192;

void add_detail(Json& details, const char* type, std::string value) {
  if (value.empty()) return;
  if (std::size_t end = kDetailBytesMax; value.size() > end) {
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;  // between two characters of UTF-8
    value.resize(end);
    value += " ...";
  }
  details.push_back({{"type", type}, {"valueString", std::move(value)}});
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) (all += all.empty() ? "" : " ") += text;
  return all;
}

// The record that it is made from, and what has no other place. Of a type that no slice of BALP takes.
Json record_entity(const CompleteEvent& event, const std::vector<NamedTable>& all_tables) {
  std::string name = event.log;
  (name += '/') += std::to_string(event.seq);
  Json details = Json::array();
  add_detail(details, "type", event.type);
  add_detail(details, "hash", event.hash);
  for (const char* member : {"session", "statement", "op", "rows", "sqlstate", "reason", "object", "policy", "break_glass", "subject_key", "incomplete", "about", "signs"})
    add_detail(details, member, shown(event.find(member)));
  add_detail(details, "tenant", tenant_of(event));
  add_detail(details, "sql-sha256", std::string(event.text("sql", "sha256")));
  if (const Json* credential = credential_of(event)) add_detail(details, "credential", std::string(text_in(*credential, "id")));
  std::vector<std::string> tables;
  for (const NamedTable& table : all_tables) (tables.emplace_back(1, table.action) += ':') += table.name;
  add_detail(details, "tables", joined(tables));
  add_detail(details, "columns", joined(columns_of(event)));
  add_detail(details, "phi", joined(phi_of(event)));
  return {{"what", named("urn:pgward:record", name)}, {"type", coding(kEntityType, "4", "Other")}, {"detail", std::move(details)}};
}

Json patient_entity(const CompleteEvent& event, const Subject& subject) {
  std::string system = "urn:pgward:subject";
  if (const auto key = event.text("subject_key"); !key.empty()) (system += ':') += key;
  Json what = named(system, subject.pseudonym);
  what["type"] = "Patient";
  return {{"what", std::move(what)}, {"type", coding(kEntityType, "1", "Person")}, {"role", coding(kObjectRole, "1", "Patient")}};
}

Json base(const CompleteEvent& event, const Producer& producer, std::size_t part) {
  Json out{{"resourceType", "AuditEvent"}};
  std::string id = event.hash.substr(0, 48);
  (id += '-') += std::to_string(part);
  out["id"] = id;
  out["recorded"] = event.ts;
  std::string observer = "pgward ";
  observer += producer.version;
  Json who = named("urn:pgward:log", event.log);
  who["display"] = observer;
  out["source"] = {{"observer", std::move(who)}, {"type", Json::array({coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")})}};
  switch (outcome_of(event)) {
    case Outcome::success: out["outcome"] = "0"; break;
    case Outcome::refused: out["outcome"] = "4"; break;
    case Outcome::failure: out["outcome"] = "8"; break;
    case Outcome::open:
    case Outcome::unknown: break;
  }
  std::string why(event.text("reason"));
  if (why.empty() && event.text("sqlstate") != "00000") why = event.text("sqlstate");
  if (!why.empty()) out["outcomeDesc"] = why;
  if (!event.text("break_glass").empty())
    out["purposeOfEvent"] = Json::array({concept_of("http://terminology.hl7.org/CodeSystem/v3-ActReason", "BTG", "break the glass")});
  return out;
}

// DICOM's own events (PS3.15, A.5.3).
Json other_event(const CompleteEvent& event, const Producer& producer) {
  Json out = base(event, producer, 0);
  const std::string& type = event.type;
  const bool person = type.starts_with("session.") || type.starts_with("auth.");
  if (person) {
    out["type"] = coding(kDicom, "110114", "User Authentication");
    if (type == "session.close") out["subtype"] = Json::array({coding(kDicom, "110123", "Logout")});
    else if (type != "session.renew") out["subtype"] = Json::array({coding(kDicom, "110122", "Login")});
  } else if (type.starts_with("break_glass.") || type == "log.degraded" || type == "log.recover" || type.starts_with("alert.")) {
    out["type"] = coding(kDicom, "110113", "Security Alert");
    if (type == "break_glass.open") out["subtype"] = Json::array({coding(kDicom, "110127", "Emergency Override Started")});
  } else if (type == "trail.read") {
    out["type"] = coding(kDicom, "110101", "Audit Log Used");
  } else {
    out["type"] = coding(kDicom, "110100", "Application Activity");
    if (type == "log.open") out["subtype"] = Json::array({coding(kDicom, "110120", "Application Start")});
    if (type == "log.close") out["subtype"] = Json::array({coding(kDicom, "110121", "Application Stop")});
  }
  out["action"] = type == "trail.read" ? "R" : "E";
  out["agent"] = Json::array();
  if (person || event.find("actor") != nullptr) {
    out["agent"].push_back(user_agent(event, concept_of(kParticipation, "IRCP", "information recipient")));
    out["agent"].push_back(client_agent(event, concept_of(kDicom, "110150", "Application")));
  } else {
    out["agent"].push_back({{"type", concept_of(kDicom, "110150", "Application")}, {"who", named("urn:pgward:log", event.log)}, {"requestor", false}});
  }
  return out;
}

// As `record`, with how it was touched.
Json touched_entity(Json record, std::string modes) {
  add_detail(record["detail"], "touched", std::move(modes));
  return record;
}

}  // namespace

FhirEvents::FhirEvents(const CompleteEvent& event, const Producer& producer)
    : event_(event), producer_(producer), subjects_(is_statement(event) ? subjects_of(event) : std::vector<Subject>()), tables_(tables_of(event)), action_(action_of(event)),
      record_(record_entity(event, tables_)), modes_(joined(modes_of(event))) {}

Json FhirEvents::statement(const Subject* subject) const {
  const CompleteEvent& event = event_;
  const char action = subject != nullptr && subject->action != 0 ? subject->action : action_;
  const Interaction way = interaction_of(action, subject != nullptr && subject->mode == "keys");
  Json out = base(event, producer_, part_);
  std::string profile = kProfile;
  if (subject != nullptr) profile += "Patient";
  profile += way.profile;
  const bool known = outcome_of(event) == Outcome::success && event.missing == Missing::nothing && !event.text("actor", "sub").empty() &&
                     !event.text("src", "ip").empty() && !event.text("db", "host").empty() && (way.action[0] == 'E' ? !event.text("sql", "sha256").empty() : subject != nullptr || !tables_.empty());
  if (known) out["meta"] = {{"profile", Json::array({profile})}};
  out["type"] = coding(kEventType, "rest", "RESTful Operation");
  out["subtype"] = Json::array({coding(kRest, way.subtype, way.subtype)});
  out["action"] = way.action;
  out["agent"] = Json::array({client_agent(event, way.client), server_agent(event, way.server), user_agent(event, way.user)});
  Json entities = Json::array();
  if (subject != nullptr) entities.push_back(patient_entity(event, *subject));
  if (way.action[0] == 'E') {
    // The text is not kept: its hash stands for it.
    std::string query = "sha256:";
    query += event.text("sql", "sha256");
    entities.push_back({{"type", coding(kEntityType, "2", "System Object")}, {"role", coding(kObjectRole, "24", "Query")}, {"query", to_base64(query)}});
  } else {
    const std::string_view table = subject != nullptr && !subject->table.empty() ? subject->table : tables_.empty() ? std::string_view("unknown") : tables_.front().name;
    entities.push_back({{"what", named("urn:pgward:table", table)}, {"type", coding(kEntityType, "2", "System Object")}, {"role", coding(kObjectRole, "4", "Domain Resource")}});
  }
  entities.push_back(touched_entity(record_, subject != nullptr && !subject->mode.empty() ? std::string(subject->mode) : modes_));
  out["entity"] = std::move(entities);
  return out;
}

std::string FhirEvents::next() {
  Json out = is_statement(event_) ? statement(subjects_.empty() ? nullptr : &subjects_[part_]) : other_event(event_, producer_);
  if (!is_statement(event_)) out["entity"] = Json::array({touched_entity(record_, modes_)});
  ++part_;
  return dumped(out);
}

}  // namespace pgward::audit
