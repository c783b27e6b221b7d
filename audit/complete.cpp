#include "audit/complete.h"

#include <array>
#include <utility>

#include "audit/depth.h"
#include "audit/json_check.h"
#include "audit/timestamp.h"
#include "audit/told.h"

namespace pgward::audit {
namespace {

using Json = nlohmann::ordered_json;

// Deeper than any record of ours; what is deeper would be copied and printed by recursion.
constexpr std::size_t kDepthMax = 64;

constexpr std::array kOfSession{"actor", "tenant", "src", "db", "subject_key", "policy"};
constexpr std::array kOfStatement{"op", "rewritten", "policy", "subject_key", "tables"};

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string_view text_of(const Json* value) {
  return value != nullptr && value->is_string() ? std::string_view(value->get_ref<const std::string&>()) : std::string_view();
}

std::uint64_t number_of(const Json* value) { return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0; }

template <class Names>
Json chosen(const Json& record, const Names& names) {
  Json some = Json::object();
  for (const char* name : names)
    if (const Json* value = member(record, name)) some[name] = *value;
  return some;
}

void add_missing(Json& record, const Members& members) {
  if (!members) return;
  for (const auto& [name, value] : members->items())
    if (!record.contains(name)) record[name] = value;
}

}  // namespace

std::string_view CompleteEvent::text(const char* name) const { return text_of(member(record, name)); }

std::string_view CompleteEvent::text(const char* object, const char* name) const {
  const Json* inner = member(record, object);
  return inner == nullptr ? std::string_view() : text_of(member(*inner, name));
}

const Json* CompleteEvent::find(const char* name) const { return member(record, name); }

class Completer::State {
 public:
  explicit State(std::size_t bytes_max) : told_(bytes_max) {}

  std::variant<CompleteEvent, LineFault> feed(std::string_view text) {
    const auto parsed = parse_line(text);
    if (const auto* fault = std::get_if<LineFault>(&parsed)) return *fault;
    if (!is_json(text) || !within_depth(text, kDepthMax)) return LineFault::json;
    const Line& line = std::get<Line>(parsed);
    CompleteEvent event;
    event.seq = line.seq;
    event.log = line.log;
    event.type = line.type;
    event.hash = hex_of(leaf_hash(text));
    event.record = Json::parse(text, nullptr, false);
    if (event.record.is_discarded()) return LineFault::json;  // a number that no type holds
    event.ts = text_of(member(event.record, "ts"));
    last_seq_ = line.seq;
    if (event.type == "log.open") told_.forget_all();
    const Json prev = take(event.record, "prev");
    complete(event);
    if (event.missing != Missing::nothing) event.record["incomplete"] = event.missing == Missing::session ? "session" : "statement";
    event.record["prev"] = prev;
    told_.trim();
    return event;
  }

  std::uint64_t needed_from() const {
    const std::uint64_t oldest = told_.oldest_seq();
    return oldest != 0 ? oldest : last_seq_ == 0 ? 0 : last_seq_ + 1;
  }

  std::size_t bytes() const { return told_.bytes(); }

 private:
  static Json take(Json& record, const char* name) {
    const auto found = record.find(name);
    if (found == record.end()) return nullptr;
    Json value = std::move(*found);
    record.erase(found);
    return value;
  }

  void complete(CompleteEvent& event) {
    const std::string id(event.text("session"));
    if (id.empty()) return;
    ToldSession* session = told_.find(id);
    if (event.type == "session.open" || (session == nullptr && event.find("actor") != nullptr)) {
      // Told again: it begins again.
      if (session != nullptr) told_.close(id);
      session = &told_.open(id, event.seq);
      told_.set_members(*session, chosen(event.record, kOfSession));
    }
    if (session == nullptr) {
      event.missing = Missing::session;
      return;
    }
    if (event.type == "session.renew")
      if (const Json* credential = event.find("cred")) told_.set_credential(*session, Json{{"cred", *credential}});
    if (event.type.starts_with("stmt.") && event.type != "stmt.deny") statement(event, id, *session);
    add_missing(event.record, session->members);
    add_missing(event.record, session->credential);
    if (event.type == "session.close") told_.close(id);
  }

  void statement(CompleteEvent& event, const std::string& id, ToldSession& session) {
    const std::uint64_t number = number_of(event.find("statement"));
    if (number == 0) {
      event.missing = Missing::statement;
      return;
    }
    // Those that tell of a statement for the first time, and those that tell more of it.
    if (event.find("op") != nullptr) {
      told_.add(id, session, number, {0, told_.keep(chosen(event.record, kOfStatement)), sql_of(event), 0, true});
    } else if (const std::uint64_t like = number_of(event.find("like")); like != 0) {
      // Which one it is like is told in full: never a chain.
      told_.add(id, session, number, {like, nullptr, sql_of(event), 0, true});
    }
    add_statement(event, session, number);
    if (event.find("sqlstate") != nullptr) told_.end(session, number);
  }

  Members sql_of(const CompleteEvent& event) {
    const Json* sql = event.find("sql");
    return sql != nullptr ? told_.keep(Json{{"sql", *sql}}) : nullptr;
  }

  static void add_statement(CompleteEvent& event, ToldSession& session, std::uint64_t number) {
    const auto own = session.statements.find(number);
    auto full = own;
    if (own != session.statements.end() && own->second.like != 0) full = session.statements.find(own->second.like);
    if (own != session.statements.end()) {
      own->second.used = true;
      add_missing(event.record, own->second.sql);
    }
    if (full == session.statements.end() || full->second.like != 0) {
      event.missing = Missing::statement;
      return;
    }
    full->second.used = true;
    add_missing(event.record, full->second.sql);
    add_missing(event.record, full->second.shared);
  }

  Told told_;
  std::uint64_t last_seq_ = 0;
};

Completer::Completer(std::size_t bytes_max) : state_(std::make_unique<State>(bytes_max)) {}
Completer::~Completer() = default;
Completer::Completer(Completer&&) noexcept = default;
Completer& Completer::operator=(Completer&&) noexcept = default;

std::variant<CompleteEvent, LineFault> Completer::feed(std::string_view line) { return state_->feed(line); }
std::uint64_t Completer::needed_from() const { return state_->needed_from(); }
std::size_t Completer::bytes() const { return state_->bytes(); }

}  // namespace pgward::audit
