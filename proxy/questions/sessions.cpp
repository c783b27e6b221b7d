#include "proxy/questions/sessions.h"

#include <stdexcept>

namespace pgward::proxy {

std::set<std::string> sessions_of(TrailView& trail, audit::IndexKind kind, const audit::IndexKey& key) {
  std::vector<audit::IndexHit> hits;
  if (std::string wrong = trail.shelf().find(kind, key, {}, hits); !wrong.empty()) throw std::runtime_error(wrong);
  std::set<std::string> sessions;
  for (const audit::IndexHit& hit : hits) {
    const auto line = trail.shelf().line(hit.seq);
    if (!line) throw std::runtime_error("record " + std::to_string(hit.seq) + " is in the index and cannot be read");
    const Json record = Json::parse(*line, nullptr, false);
    if (const std::string session = text_in(record, "session"); !session.empty()) sessions.insert(session);
  }
  return sessions;
}

void each_statement(Question& question, const std::string& session, const std::function<void(const TrailView::Statement&)>& take) {
  TrailView& trail = question.trail();
  std::vector<audit::IndexHit> hits;
  if (std::string wrong = trail.shelf().find(audit::IndexKind::session, audit::key_of_session(session), question.range(), hits); !wrong.empty()) throw std::runtime_error(wrong);
  std::set<std::uint32_t> seen;
  for (const audit::IndexHit& hit : hits) {
    if (hit.more != 0 && !seen.insert(hit.more).second) continue;
    std::optional<TrailView::Statement> statement;
    if (hit.more != 0) {
      statement = trail.statement(hit.seq);
    } else if (auto whole = trail.whole(hit.seq)) {
      statement = TrailView::Statement{std::move(whole->record), {hit.seq}, session, 0};
    }
    if (statement && question.range().has(time_of(statement->record)) && question.of_tenants(statement->record)) take(*statement);
  }
}

}  // namespace pgward::proxy
