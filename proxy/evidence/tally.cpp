#include "proxy/evidence/tally.h"

#include <algorithm>

#include "audit/timestamp.h"

namespace pgward::proxy {
namespace {

// Of a hostile or an endless log: what is beyond is counted, not listed.
constexpr std::size_t kPeopleMax = 100'000, kNamesMax = 10'000, kPlacesMax = 50;

void add(std::set<std::string>& names, std::string_view name, std::size_t max = kPlacesMax) {
  if (!name.empty() && names.size() < max) names.emplace(name);
}

std::string joined(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return names.size() < kPlacesMax ? out : out += ", and more";
}

std::string tenant_text(const audit::CompleteEvent& event) {
  const auto* tenant = event.find("tenant");
  if (tenant == nullptr || !tenant->is_object()) return tenant == nullptr ? "" : "none";
  std::string out;
  for (const auto& [name, value] : tenant->items()) {
    if (!out.empty()) out += ' ';
    out.append(name).append("=").append(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
  }
  return out;
}

}  // namespace

void Tally::count(Counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  if (found != counts.end()) ++found->second;
  else ++counts[counts.size() < kNamesMax ? std::string(name) : std::string("(others)")];
}

void Tally::take(const audit::CompleteEvent& event) {
  const auto at = audit::timestamp_us(event.ts);
  if (!at || *at < days_.from_us || *at > days_.to_us) return;
  ++records_;
  count(types_, event.type);
  incomplete_ += event.missing != audit::Missing::nothing ? 1 : 0;
  add(policies_, event.text("policy"), kNamesMax);
  if (event.type.starts_with("session.") || event.type.starts_with("auth.")) session(event);
  if (event.type.starts_with("stmt.")) statement(event);
  sample(event);
}

Tally::Person* Tally::person(const audit::CompleteEvent& event) {
  const std::string_view subject = event.text("actor", "sub");
  if (subject.empty()) return nullptr;
  std::string name(subject);
  name.append(" (").append(event.text("actor", "iss")).append(")");
  auto found = people_.find(name);
  if (found == people_.end()) {
    if (people_.size() >= kPeopleMax) {
      ++unlisted_people_;
      return nullptr;
    }
    found = people_.emplace(std::move(name), Person{}).first;
    found->second.first = event.ts;
  }
  Person& one = found->second;
  one.last = event.ts;
  add(one.roles, event.text("actor", "role"));
  add(one.tenants, tenant_text(event));
  add(one.addresses, event.text("src", "ip"));
  add(one.applications, event.text("src", "app"));
  return &one;
}

void Tally::session(const audit::CompleteEvent& event) {
  if (event.type == "auth.fail") return count(failures_, event.text("reason"));
  if (event.type == "session.close") return count(ends_, event.text("reason"));
  if (event.type != "session.open") return;
  if (Person* one = person(event)) ++one->sessions;
  count(roles_, event.text("actor", "role"));
  const std::string_view tls = event.text("src", "tls");
  count(encryption_, tls.empty() ? "none (loopback or Unix socket)" : tls);
  plaintext_ += tls.empty() ? 1 : 0;
  const auto* actor = event.find("actor");
  if (actor == nullptr || !actor->is_object() || !actor->contains("cred")) return;
  const auto& credential = (*actor)["cred"];
  if (!credential.is_object()) return;
  if (const auto type = credential.find("type"); type != credential.end() && type->is_string()) count(credentials_, type->get_ref<const std::string&>());
  const auto until = credential.find("exp");
  const auto opened = audit::timestamp_us(event.ts);
  if (until != credential.end() && until->is_number_integer() && opened)
    longest_life_s_ = std::max(longest_life_s_, until->get<std::int64_t>() - *opened / 1'000'000);
}

void Tally::statement(const audit::CompleteEvent& event) {
  if (event.type == "stmt.deny") {
    if (Person* one = person(event)) ++one->refused;
    return count(refusals_, event.text("reason"));
  }
  if (event.find("sqlstate") != nullptr) count(outcomes_, event.text("sqlstate"));
  if (event.type == "stmt.read" || event.type == "stmt.intent") {
    if (Person* one = person(event)) ++one->statements;
    count(operations_, event.text("op"));
    tables(event);
  }
  const auto* touched = event.find("touched");
  if (touched == nullptr || !touched->is_array()) return;
  for (const auto& each : *touched) {
    if (!each.is_object() || !each.contains("table") || !each["table"].is_string() || !each.contains("mode") || !each["mode"].is_string()) continue;
    const auto& name = each["table"].get_ref<const std::string&>();
    if (touched_.size() < kNamesMax || touched_.contains(name)) count(touched_[name].modes, each["mode"].get_ref<const std::string&>());
  }
}

void Tally::tables(const audit::CompleteEvent& event) {
  const auto* tables = event.find("tables");
  if (tables == nullptr || !tables->is_array()) return;
  for (const auto& each : *tables) {
    if (!each.is_object() || !each.contains("table") || !each["table"].is_string()) continue;
    const auto& name = each["table"].get_ref<const std::string&>();
    if (touched_.size() >= kNamesMax && !touched_.contains(name)) continue;
    Touched& one = touched_[name];
    const auto action = each.find("action");
    if (action != each.end() && action->is_string() && action->get_ref<const std::string&>().size() == 1) ++one.actions[action->get_ref<const std::string&>()[0]];
    const auto kinds = each.find("phi");
    if (kinds == each.end() || !kinds->is_array()) continue;
    for (const auto& kind : *kinds)
      if (kind.is_string()) count(one.kinds, kind.get_ref<const std::string&>());
  }
}

// Each statement record of the days is as likely as any other to be among them, and with the same seed the same ones are.
void Tally::sample(const audit::CompleteEvent& event) {
  if (!event.type.starts_with("stmt.") || days_.samples == 0) return;
  const std::uint64_t place = sampled_from_++;
  std::uint64_t at = place;
  if (place >= days_.samples) {
    at = random_() % (place + 1);
    if (at >= days_.samples) return;
  }
  std::string text = event.record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (at < samples_.size()) samples_[at] = std::move(text);
  else samples_.push_back(std::move(text));
}

EvidenceTable Tally::table(std::string caption, std::string column, const Counts& counts) {
  EvidenceTable out{std::move(caption), {std::move(column), "how often"}, {}};
  for (const auto& [name, times] : counts) out.rows.push_back({name, std::to_string(times)});
  return out;
}

EvidenceSection Tally::people_section() const {
  EvidenceSection out{"people", "People and services", {}, {}};
  out.notes.push_back("Each subject of a credential that had a session or a refused statement. One that comes from many addresses or applications may be shared: ask.");
  if (unlisted_people_ > 0) out.notes.push_back("More than " + std::to_string(kPeopleMax) + " of them: the rest is not listed.");
  EvidenceTable all{"", {"who", "roles", "tenants", "sessions", "statements", "refused", "addresses", "applications", "first", "last"}, {}};
  for (const auto& [name, one] : people_)
    all.rows.push_back({name, joined(one.roles), joined(one.tenants), std::to_string(one.sessions), std::to_string(one.statements), std::to_string(one.refused),
                        joined(one.addresses), joined(one.applications), one.first, one.last});
  out.tables.push_back(std::move(all));
  return out;
}

EvidenceSection Tally::log_in_section() const {
  EvidenceSection out{"log-ins", "Log-ins", {}, {}};
  std::string life = "The longest that a credential was still good for when it logged in: ";
  life += std::to_string(longest_life_s_);
  out.notes.push_back(life += " seconds.");
  std::string plain = "Sessions without TLS (loopback or a Unix socket, nothing else is taken): ";
  plain += std::to_string(plaintext_);
  out.notes.push_back(plain += ".");
  out.tables = {table("Sessions by kind of credential", "credential", credentials_), table("Sessions by encryption", "encryption", encryption_),
                table("Sessions by role", "role", roles_), table("Log-ins that failed", "reason", failures_)};
  return out;
}

EvidenceSection Tally::statement_section() const {
  EvidenceSection out{"statements", "Statements that touched PHI", {}, {}};
  if (incomplete_ > 0) out.notes.push_back(std::to_string(incomplete_) + " records refer to earlier ones that are not there any more.");
  out.notes.push_back("How exactly the touched records are known: keys (read from the rows), pred (named by a condition), set (may include), none.");
  EvidenceTable tables{"Tables", {"table", "created", "read", "updated", "deleted", "kinds of PHI", "records known by"}, {}};
  const auto listed = [](const Counts& counts) {
    std::string text;
    for (const auto& [name, times] : counts) text.append(text.empty() ? "" : ", ").append(name).append(" ").append(std::to_string(times));
    return text;
  };
  for (const auto& [name, one] : touched_) {
    const auto times = [&actions = one.actions](char action) {
      const auto found = actions.find(action);
      return std::to_string(found == actions.end() ? 0 : found->second);
    };
    tables.rows.push_back({name, times('C'), times('R'), times('U'), times('D'), listed(one.kinds), listed(one.modes)});
  }
  out.tables = {table("By kind", "statement", operations_), std::move(tables), table("Outcomes", "SQLSTATE", outcomes_)};
  return out;
}

std::vector<EvidenceSection> Tally::sections() const {
  std::vector<EvidenceSection> out;
  out.push_back({"records", "Records of these days", {}, {table("By type", "type", types_)}});
  out.push_back(people_section());
  out.push_back(log_in_section());
  out.push_back({"sessions", "How sessions ended", {}, {table("", "reason", ends_)}});
  out.push_back(statement_section());
  out.push_back({"refusals", "Statements that were refused", {}, {table("", "reason", refusals_)}});
  return out;
}

}  // namespace pgward::proxy
