#include "proxy/serve/break_glass_book.h"

#include <nlohmann/json.hpp>

#include "audit/read.h"

namespace pgward::proxy {
namespace {

using nlohmann::json;

std::string text(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Of a large trail nearly all lines are about something else: those are not parsed.
bool may_matter(std::string_view line) {
  return line.find("\"type\":\"break_glass.") != line.npos ||
         (line.find("\"type\":\"session.close\"") != line.npos && line.find("\"break_glass\":") != line.npos);
}

Opening opening_of(const json& record) {
  Opening made;
  const json none = json::object();
  const json& actor = record.contains("actor") && record["actor"].is_object() ? record["actor"] : none;
  made.id = text(record, "break_glass");
  made.opened_at = text(record, "ts");
  made.reason = text(record, "reason");
  made.issuer = text(actor, "iss");
  made.who.subject = text(actor, "sub");
  made.who.role = text(actor, "role");
  if (const auto source = record.find("src"); source != record.end() && source->is_object()) made.address = text(*source, "ip");
  if (const auto database = record.find("db"); database != record.end() && database->is_object()) made.database = text(*database, "name");
  if (const auto until = record.find("until"); until != record.end() && until->is_number_integer()) made.until = until->get<std::int64_t>();
  const auto tenant = record.find("tenant");
  if (tenant == record.end() || !tenant->is_object()) {
    made.tenant_text = "none";
    return made;
  }
  for (const auto& [name, value] : tenant->items()) {
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    made.who.tenant.emplace_back(name, shown);
    made.tenant_text += (made.tenant_text.empty() ? "" : ",") + name + "=" + shown;
  }
  return made;
}

class Reader {
 public:
  void take(std::string_view line) {
    if (!may_matter(line)) return;
    const json record = json::parse(line, nullptr, false);
    if (!record.is_object()) return;
    const std::string type = text(record, "type");
    if (type == "break_glass.open") return open(record);
    Opening* one = find(text(record, type == "break_glass.sign_off" ? "signs" : "break_glass"));
    if (!one) return;
    if (type == "session.close") {
      one->closed_at = text(record, "ts");
      one->closed_why = text(record, "reason");
    } else if (type == "break_glass.sign_off" && one->signed_at.empty()) {
      sign(record, *one);
    }
  }
  std::vector<Opening> take_list() { return std::move(list_); }

 private:
  void open(const json& record) {
    Opening made = opening_of(record);
    if (made.id.empty() || !places_.emplace(made.id, list_.size()).second) return;
    list_.push_back(std::move(made));
  }
  Opening* find(const std::string& id) {
    const auto found = places_.find(id);
    return found == places_.end() ? nullptr : &list_[found->second];
  }
  // pgward refuses it; a trail that says otherwise is not believed.
  static void sign(const json& record, Opening& one) {
    const auto actor = record.find("actor");
    if (actor == record.end() || !actor->is_object()) return;
    const std::string by = text(*actor, "sub");
    if (by.empty() || by == one.who.subject) return;
    one.signed_by = by;
    one.signed_at = text(record, "ts");
  }

  std::vector<Opening> list_;
  std::map<std::string, std::size_t> places_;
};

}  // namespace

Openings read_openings(const std::filesystem::path& directory, const std::atomic<bool>* stop) {
  Reader reader;
  std::string error = audit::for_each_line(directory, [&](const audit::StoredLine& line) {
    reader.take(line.text);
    return stop == nullptr || !stop->load(std::memory_order_relaxed);
  });
  return {reader.take_list(), std::move(error)};
}

void BreakGlassBook::add(const std::string& id, EmergencyAccess access) {
  const std::lock_guard lock(mutex_);
  entries_.emplace(id, std::move(access));
}

std::optional<EmergencyAccess> BreakGlassBook::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pgward::proxy
