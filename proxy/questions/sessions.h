// Records by who made them.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "proxy/questions/ask.h"

namespace pgward::proxy {

// Sessions in which such an actor is named, in the whole log, each with the first record that does: a session of this week may have
// begun in another segment.
std::map<std::string, std::uint64_t> sessions_of(TrailView& trail, audit::IndexKind kind, const audit::IndexKey& key);
// Of a user, or else of a credential.
std::map<std::string, std::uint64_t> sessions_under(TrailView& trail, const std::string& user, const std::string& credential);

// Each record of a session that is in the range and of the tenants, in order and complete, until `take` answers false. `seq` is one of them.
// What a statement says in its later records is among them, however many they are.
void each_of_session(Question& question, const std::string& session, std::uint64_t seq, const std::function<bool(const audit::CompleteEvent&)>& take);

}  // namespace pgward::proxy
