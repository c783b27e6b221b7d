#include "tests/proxy/relay_harness.h"

#include <nlohmann/json.hpp>

#include "protocol/error_response.h"
#include "protocol/frame.h"
#include "protocol/parse.h"
#include "protocol/writer.h"

namespace pgward::proxy::test {
namespace {

policy::Relation table(policy::Oid oid, std::string name, std::vector<policy::Column> columns) {
  policy::Relation relation;
  relation.oid = oid;
  relation.name = {"public", std::move(name)};
  relation.columns = std::move(columns);
  return relation;
}

policy::Column column(std::string name, std::string type, int number) {
  policy::Column made;
  made.name = std::move(name);
  made.type = std::move(type);
  made.number = number;
  return made;
}

std::shared_ptr<const policy::Catalog> small_catalog() {
  auto catalog = std::make_shared<policy::Catalog>();
  catalog->database = "ehr";
  catalog->upstream_user = "pgward_app";
  catalog->default_search_path = {"pg_catalog", "public"};
  catalog->add(table(1, "patients", {column("id", "integer", 1), column("clinic_id", "uuid", 2), column("name", "text", 3)}));
  catalog->add(table(2, "codes", {column("code", "text", 1)}));
  catalog->add(table(3, "secret", {column("id", "integer", 1)}));
  auto other = table(4, "patients", {column("id", "integer", 1)});
  other.name.schema = "billing";
  catalog->add(other);
  policy::Function equal;
  equal.name = {"pg_catalog", "int4eq"};
  equal.volatility = policy::Volatility::immutable;
  equal.language = "internal";
  catalog->functions.emplace("int4eq", equal);
  catalog->operators.emplace("=", policy::Operator{{"pg_catalog", "="}, equal.name});
  catalog->types.emplace("uuid", "pg_catalog");
  catalog->constraints.emplace("patients_pkey", "public");
  return catalog;
}

std::shared_ptr<const policy::Policy> small_policy() {
  auto policy = std::make_shared<policy::Policy>();
  policy->source_sha256 = "p0";
  policy->tenant.push_back({"clinic_id", "clinic_id", "app.tenant_id", policy::TenantType::uuid, {}});
  policy::TableRule patients;
  patients.name = {"public", "patients"};
  patients.tenant.push_back({"clinic_id", "clinic_id", {"policy.yaml", 5, 3}});
  patients.phi = {{"name", "name"}};
  policy->tables.emplace(patients.name, patients);
  policy::TableRule codes;
  codes.name = {"public", "codes"};
  codes.kind = policy::TableKind::shared_read;
  policy->tables.emplace(codes.name, codes);
  using enum policy::StatementClass;
  policy->roles.emplace("clinician", policy::Role{"clinician", {select, insert, update, delete_}, {}});
  return policy;
}

// What stands in a message, without its framing: C strings joined by blanks, numbers left out.
std::string words(ByteView body, std::size_t at = 0) {
  std::string text;
  for (char c : body.substr(std::min(at, body.size()))) {
    if (c >= 32 && c < 127) text += c;
    else if (!text.empty() && text.back() != ' ') text += ' ';
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

void frames(const char* to, ByteView bytes, std::vector<std::string>& out) {
  while (auto header = protocol::peek_frame(bytes)) {
    if (!header->sound() || bytes.size() < header->frame_bytes()) break;
    std::string line = std::string(to) + ' ' + header->type;
    const std::string text = words(bytes.substr(5, header->body_bytes()));
    if (!text.empty()) line += ' ' + text;
    out.push_back(std::move(line));
    bytes.remove_prefix(header->frame_bytes());
  }
  if (!bytes.empty()) out.push_back(std::string(to) + " ... " + std::to_string(bytes.size()) + " bytes");
}

std::string record_line(const Record& record) {
  const auto json = nlohmann::json::parse("{" + record.members + "}");
  // "!": what goes to the server waits; "?": what goes to the client does.
  const char* how = record.barrier == Barrier::effect ? "record! " : record.barrier == Barrier::disclosure ? "record? " : "record ";
  return how + json.at("type").get<std::string>();
}

}  // namespace

std::shared_ptr<const World> small_world() {
  auto world = std::make_shared<World>();
  world->version = 1;
  world->policy = small_policy();
  world->catalogs.emplace("ehr", small_catalog());
  return world;
}

std::shared_ptr<const World> keyed_world() {
  auto world = std::make_shared<World>(*small_world());
  auto policy = std::make_shared<policy::Policy>(*world->policy);
  policy::TableRule& patients = policy->tables.at({"public", "patients"});
  patients.record = patients.subject = {"id"};
  policy::TableRule secret;  // to be found where it should not be
  secret.name = {"public", "secret"};
  secret.tenant.push_back({"id", "clinic_id", {}});
  policy->tables.emplace(secret.name, secret);
  world->policy = std::move(policy);
  return world;
}

Admitted admitted(const std::shared_ptr<const World>& world) {
  Admitted made;
  made.world = world;
  made.identity.issuer = "https://idp.test";
  made.identity.subject = "u-1";
  made.identity.credential_type = "jwt";
  made.identity.expires_at = 1'800'000'600;
  std::map<std::string, std::string, std::less<>> claims{{"clinic_id", std::string(kTenantA)}};
  made.caller = {"clinician", std::get<policy::TenantValues>(policy::tenant_values(*world->policy, claims)), "ehr"};
  return made;
}

Bytes message(char type, std::string_view body) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin(type);
  writer.bytes(body);
  writer.end();
  return out;
}

Bytes query(std::string_view sql) { return message('Q', std::string(sql) + '\0'); }
Bytes parse(std::string_view name, std::string_view sql, const std::vector<std::uint32_t>& types) {
  Bytes out;
  protocol::encode_parse(out, name, sql, types);
  return out;
}
Bytes bind_to(std::string_view portal, std::string_view statement, const std::vector<std::string>& values) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin('B');
  writer.cstring(portal);
  writer.cstring(statement);
  writer.u16(0);
  writer.count16(values.size());
  for (const auto& value : values) writer.sized_bytes(value);
  writer.u16(0);
  writer.end();
  return out;
}
Bytes execute(std::string_view portal) { return message('E', std::string(portal) + '\0' + std::string(4, '\0')); }
Bytes close_statement(std::string_view name) { return message('C', "S" + std::string(name) + '\0'); }
Bytes sync() { return message('S'); }
Bytes complete(std::string_view tag) { return message('C', std::string(tag) + '\0'); }
Bytes ready(char status) { return message('Z', std::string_view(&status, 1)); }
Bytes row(const std::vector<std::string>& values) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin('D');
  writer.count16(values.size());
  for (const auto& value : values) writer.sized_bytes(value);
  writer.end();
  return out;
}
Bytes error(std::string_view sqlstate, std::string_view text, std::string_view extra) {
  protocol::Fields fields{{'S', "ERROR"}, {'V', "ERROR"}, {'C', std::string(sqlstate)}, {'M', std::string(text)}};
  if (!extra.empty()) fields.emplace_back('D', std::string(extra));
  Bytes out;
  protocol::encode_error(out, fields);
  return out;
}

std::vector<std::string> lines(const Actions& actions) {
  std::vector<std::string> out;
  for (const Action& action : actions.list()) {
    if (auto* a = std::get_if<ToClient>(&action)) frames("client", a->bytes(), out);
    else if (auto* b = std::get_if<ToServer>(&action)) frames("server", b->bytes, out);
    else if (auto* c = std::get_if<Record>(&action)) out.push_back(record_line(*c));
    else if (auto* d = std::get_if<Close>(&action)) out.push_back("close " + std::string(d->why));
    else if (std::holds_alternative<StartClientTls>(action)) out.emplace_back("start client tls");
    else if (std::holds_alternative<ConnectServer>(action)) out.emplace_back("connect server");
    else if (std::holds_alternative<StartServerTls>(action)) out.emplace_back("start server tls");
    else if (std::holds_alternative<PlanElsewhere>(action)) out.emplace_back("plan elsewhere");
    else if (std::holds_alternative<FindKey>(action)) out.emplace_back("find key");
    else if (auto* e = std::get_if<ForwardCancel>(&action)) out.push_back("cancel " + std::to_string(e->pid));
  }
  return out;
}

RelayHarness::RelayHarness(SessionLimits limits, bool keyed) : services(limits, keyed), relay(services, services.admitted_here(), Scribe("\"actor\":{}", "s1")) {}

std::vector<std::string> RelayHarness::client(const Bytes& bytes) {
  Actions actions;
  in_.feed(bytes, [&](ByteView& input) { relay.client(input, actions); });
  auto list = lines(actions);
  for (const Action& action : actions.list()) {
    const auto* large = std::get_if<PlanElsewhere>(&action);
    if (large == nullptr) continue;
    std::erase(list, "plan elsewhere");
    large->job->run();
    const auto more = client({});
    list.insert(list.end(), more.begin(), more.end());
  }
  return list;
}

std::vector<std::string> RelayHarness::server(const Bytes& bytes) {
  Actions actions;
  server(bytes, actions);
  auto list = lines(actions);
  if (relay.waiting()) {
    auto more = client({});
    list.insert(list.end(), more.begin(), more.end());
  }
  return list;
}

void RelayHarness::server(const Bytes& bytes, Actions& actions) {
  out_.feed(bytes, [&](ByteView& input) { relay.server(input, actions); });
}

}  // namespace pgward::proxy::test
