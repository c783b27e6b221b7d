// Records by filters, by the best index that there is for them, or by reading all of them.
#include <algorithm>
#include <stdexcept>

#include "proxy/questions/questions.h"
#include "proxy/questions/rows.h"
#include "proxy/questions/sessions.h"
#include "proxy/questions/stream.h"

namespace pgward::proxy {
namespace {

bool same(const std::string& wanted, const std::string& there) { return wanted.empty() || wanted == there; }

bool has_table(const Json& record, const Query& wanted) {
  if (wanted.table.empty() && wanted.action.empty() && wanted.phi.empty()) return true;
  const auto tables = record.find("tables");
  if (tables == record.end() || !tables->is_array()) return false;
  return std::any_of(tables->begin(), tables->end(), [&](const Json& table) {
    if (!same(wanted.table, text_in(table, "table")) || !same(wanted.action, text_in(table, "action"))) return false;
    if (wanted.phi.empty()) return true;
    const auto kinds = table.find("phi");
    return kinds != table.end() && kinds->is_array() && std::find(kinds->begin(), kinds->end(), Json(wanted.phi)) != kinds->end();
  });
}

bool fits(const Json& record, const Query& wanted) {
  const std::string type = text_in(record, "type");
  if (!wanted.types.empty() && std::none_of(wanted.types.begin(), wanted.types.end(), [&](const std::string& one) { return one == type || (one.ends_with('*') && type.starts_with(one.substr(0, one.size() - 1))); })) return false;
  const Json row = record_row(record);
  return same(wanted.user, text_in(row, "user")) && same(wanted.session, text_in(record, "session")) && same(wanted.credential, text_in(row, "credential")) &&
         same(wanted.op, text_in(record, "op")) && same(wanted.sqlstate, text_in(record, "sqlstate")) && same(wanted.address, text_in(row, "address")) && has_table(record, wanted);
}

// The types of which the index knows each record.
bool indexed(const std::vector<std::string>& types) {
  return !types.empty() && std::none_of(types.begin(), types.end(), [](const std::string& type) { return type.ends_with('*') || (type.starts_with("stmt.") && type != "stmt.deny" && type != "stmt.mismatch"); });
}

// The first by their numbers, in whatever order they come: as many as are shown, and one that tells that there are more.
class FirstRows {
 public:
  explicit FirstRows(std::size_t most) : most_(most) {}
  void add(Json row) {
    rows_.push_back(std::move(row));
    if (rows_.size() / 2 > most_) cut();
  }
  std::vector<Json> take() {
    cut();
    return std::move(rows_);
  }

 private:
  void cut() {
    std::sort(rows_.begin(), rows_.end(), [](const Json& a, const Json& b) { return number_in(a, "seq") < number_in(b, "seq"); });
    if (rows_.size() > most_) rows_.resize(most_ + 1);
  }
  const std::size_t most_;
  std::vector<Json> rows_;
};

void asked(const Query& wanted, Answer& answer) {
  if (!wanted.types.empty()) answer.asked["types"] = wanted.types;
  if (!wanted.user.empty()) answer.asked["users"] = {wanted.user};
  if (!wanted.credential.empty()) answer.asked["credentials"] = {wanted.credential};
  if (!wanted.table.empty()) answer.asked["tables"] = {wanted.table};
}

}  // namespace

int query(const Asking& asking, const Query& wanted) try {
  auto question = Question::open("query", asking);
  if (!question) return 2;
  Answer answer = question->answer();
  asked(wanted, answer);
  answer.columns = {"seq", "time", "type", "user", "role", "tenant", "op", "tables", "rows", "sqlstate", "reason", "address", "application"};
  const std::size_t most = asking.all ? SIZE_MAX : asking.limit;
  FirstRows rows(most);
  // For records that come in order: each order needs one of its own, which ends it when there are enough.
  const auto taker = [&] {
    return [&, found = std::size_t{0}](const Json& record) mutable {
      if (!question->of_tenants(record) || !fits(record, wanted)) return true;
      rows.add(record_row(record));
      return ++found <= most;
    };
  };
  const auto of_session = [&](const std::string& session, std::uint64_t seq) {
    each_of_session(*question, session, seq, [take = taker()](const audit::CompleteEvent& event) mutable { return take(event.record); });
  };
  if (!wanted.session.empty()) {
    const auto hits = question->trail().find(audit::IndexKind::session, audit::key_of_session(wanted.session));
    if (!hits.empty()) of_session(wanted.session, hits.front().seq);
  } else if (!wanted.user.empty() || !wanted.credential.empty()) {
    for (const auto& [session, seq] : sessions_under(question->trail(), wanted.user, wanted.credential)) of_session(session, seq);
  } else if (indexed(wanted.types)) {
    for (const std::string& type : wanted.types) {
      auto take = taker();
      for (const audit::IndexHit& hit : question->trail().find(audit::IndexKind::type, audit::key_of_type(type), question->range()))
        if (const Json record = question->trail().whole(hit.seq).record; question->range().has(time_of(record)) && !take(record)) break;
    }
  } else {
    each_record(*question, [take = taker()](const audit::CompleteEvent& event) mutable { return take(event.record); });
  }
  answer.rows = rows.take();
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
