#include "proxy/questions/sessions.h"

#include <stdexcept>

namespace pgward::proxy {

std::map<std::string, std::uint64_t> sessions_of(TrailView& trail, audit::IndexKind kind, const audit::IndexKey& key) {
  std::map<std::string, std::uint64_t> sessions;
  for (const audit::IndexHit& hit : trail.find(kind, key))
    if (const std::string session = text_in(trail.record(hit.seq), "session"); !session.empty()) sessions.emplace(session, hit.seq);
  return sessions;
}

std::map<std::string, std::uint64_t> sessions_under(TrailView& trail, const std::string& user, const std::string& credential) {
  return user.empty() ? sessions_of(trail, audit::IndexKind::credential, audit::key_of_credential(credential)) : sessions_of(trail, audit::IndexKind::user, audit::key_of_user(user));
}

void each_of_session(Question& question, const std::string& session, std::uint64_t seq, const std::function<bool(const audit::CompleteEvent&)>& take) {
  // From its beginning, whatever the range: later records leave out what earlier ones said.
  audit::Completer completer;
  for (const std::uint64_t each : question.trail().of_session(session, seq)) {
    const auto fed = completer.feed(question.trail().line(each));
    const auto* event = std::get_if<audit::CompleteEvent>(&fed);
    if (event == nullptr) throw std::runtime_error("record " + std::to_string(each) + " is no record of a log");
    if (question.range().has(time_of(event->record)) && question.of_tenants(event->record) && !take(*event)) return;
  }
}

}  // namespace pgward::proxy
