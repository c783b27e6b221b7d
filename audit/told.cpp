#include "audit/told.h"

#include <algorithm>
#include <utility>

#include "audit/sha256.h"

namespace pgward::audit {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kOverMax = 64;         // statements of a session that have ended and are still known
constexpr std::size_t kStatementBytes = 192, kSessionBytes = 512;
constexpr std::size_t kJsonFactor = 4;       // what a parsed value takes, against its text
constexpr std::size_t kOrderMin = 4096;      // below this, places of what is gone may stay

}  // namespace

ToldSession* Told::find(std::string_view session) {
  const auto found = sessions_.find(std::string(session));
  if (found == sessions_.end()) return nullptr;
  found->second.used = true;
  return &found->second;
}

ToldSession& Told::open(std::string_view session, std::uint64_t seq) {
  const auto [found, made] = sessions_.try_emplace(std::string(session));
  if (!made) return found->second;
  found->second.first_seq = seq;
  found->second.bytes = kSessionBytes + 3 * session.size();
  bytes_ += found->second.bytes;
  by_seq_.emplace(seq, session);
  found->second.place = ++places_;
  order_.push_back({std::string(session), 0, places_});
  return found->second;
}

void Told::set_members(ToldSession& session, Json members) { session.members = keep(std::move(members)); }

void Told::set_credential(ToldSession& session, Json credential) { session.credential = keep(std::move(credential)); }

Members Told::keep(Json members) {
  const std::string text = members.dump(-1, ' ', false, Json::error_handler_t::replace);
  const Hash name = sha256(text);
  auto& keepsake = keepsakes_[std::string(reinterpret_cast<const char*>(name.data()), name.size())];
  if (auto known = keepsake.lock()) return known;
  const std::size_t bytes = kStatementBytes + text.size() * kJsonFactor;
  *shared_bytes_ += bytes;
  Members made(new Json(std::move(members)), [bytes, total = shared_bytes_](const Json* gone) {
    *total -= bytes;
    delete gone;
  });
  keepsake = made;
  if (keepsakes_.size() >= sweep_at_) sweep_keepsakes();
  return made;
}

void Told::sweep_keepsakes() {
  std::erase_if(keepsakes_, [](const auto& one) { return one.second.expired(); });
  sweep_at_ = std::max<std::size_t>(1024, 2 * keepsakes_.size());
}

void Told::add(std::string_view id, ToldSession& session, std::uint64_t number, ToldStatement statement) {
  if (const auto known = session.statements.find(number); known != session.statements.end()) forget(session, known);
  statement.bytes = kStatementBytes + id.size();
  bytes_ += statement.bytes;
  statement.place = ++places_;
  session.statements.emplace(number, std::move(statement));
  order_.push_back({std::string(id), number, places_});
}

void Told::forget(ToldSession& session, std::map<std::uint64_t, ToldStatement>::iterator statement) {
  bytes_ -= statement->second.bytes;
  session.statements.erase(statement);
}

void Told::end(ToldSession& session, std::uint64_t number) {
  const auto found = session.statements.find(number);
  if (found == session.statements.end() || found->second.like == 0) return;
  session.over.push_back(number);
  if (session.over.size() <= kOverMax) return;
  const auto oldest = session.statements.find(session.over.front());
  session.over.pop_front();
  if (oldest != session.statements.end() && oldest->second.like != 0) forget(session, oldest);
}

void Told::close(Sessions::iterator session) {
  bytes_ -= session->second.bytes;
  for (const auto& [number, statement] : session->second.statements) bytes_ -= statement.bytes;
  for (auto [at, end] = by_seq_.equal_range(session->second.first_seq); at != end; ++at)
    if (at->second == session->first) {
      by_seq_.erase(at);
      break;
    }
  sessions_.erase(session);
}

void Told::close(std::string_view session) {
  const auto found = sessions_.find(std::string(session));
  if (found != sessions_.end()) close(found);
}

void Told::forget_all() {
  sessions_.clear();
  by_seq_.clear();
  order_.clear();
  keepsakes_.clear();
  bytes_ = 0;
}

bool Told::stands(const Place& place) const {
  const auto session = sessions_.find(place.session);
  if (session == sessions_.end()) return false;
  if (place.statement == 0) return session->second.place == place.number;
  const auto statement = session->second.statements.find(place.statement);
  return statement != session->second.statements.end() && statement->second.place == place.number;
}

void Told::trim() {
  // Places of what is gone, before they outnumber what is there.
  if (order_.size() > kOrderMin && order_.size() > 2 * (bytes_ / kStatementBytes))
    std::erase_if(order_, [this](const Place& place) { return !stands(place); });
  while (bytes() > bytes_max_ && !order_.empty()) {
    Place place = std::move(order_.front());
    order_.pop_front();
    if (!stands(place)) continue;
    const auto session = sessions_.find(place.session);
    const auto statement = session->second.statements.find(place.statement);
    bool& used = place.statement == 0 ? session->second.used : statement->second.used;
    if (std::exchange(used, false)) order_.push_back(std::move(place));
    else if (place.statement == 0) close(session);
    else forget(session->second, statement);
  }
}

}  // namespace pgward::audit
