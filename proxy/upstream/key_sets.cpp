#include "proxy/upstream/key_sets.h"

#include "auth/key_set.h"

namespace pgward::proxy {

KeySets::Answer KeySets::text(const KeySetSource& source, std::int64_t now_s) {
  const auto [entry, is_new] = kept_.try_emplace(source.url);
  Kept& kept = entry->second;
  const bool hurry = hurry_.exchange(false);
  const bool due = is_new || !kept.there || hurry || now_s - kept.fetched_at >= kFreshS || now_s < kept.fetched_at;
  Answer answer;
  if (due && (is_new || now_s - kept.tried_at >= kPauseS || now_s < kept.tried_at)) {
    kept.tried_at = now_s;
    auto fetched = fetch_(source);
    if (auto* fault = std::get_if<HttpsFault>(&fetched)) {
      answer.fault = fault->text;
    } else {
      kept = {std::move(std::get<std::string>(fetched)), true, now_s, now_s};
    }
  } else if (hurry) {
    hurry_.store(true);  // once the pause is over
  }
  if (kept.there && now_s - kept.fetched_at >= kFreshS + source.stale_max_s) kept.there = false;
  if (kept.there) answer.text = kept.text;
  return answer;
}

std::variant<std::string, HttpsFault> fetch_key_set(const KeySetSource& source) {
  const auto url = parse_https_url(source.url);
  if (!url) return HttpsFault{"not an https URL"};
  auto got = https_get(*url, source.ca_file);
  if (auto* text = std::get_if<std::string>(&got)) {
    const auto keys = auth::KeySet::parse(*text);
    if (const auto* fault = std::get_if<std::string>(&keys)) return HttpsFault{*fault};
  }
  return got;
}

}  // namespace pgward::proxy
