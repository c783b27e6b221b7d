// Statements by who ran them.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "proxy/questions/ask.h"

namespace pgward::proxy {

// Sessions in which such an actor is named, in the whole log: a session of this week may have begun in another segment.
std::set<std::string> sessions_of(TrailView& trail, audit::IndexKind kind, const audit::IndexKey& key);

// Each statement of a session in the range, in order, and (number 0) its other records.
void each_statement(Question& question, const std::string& session, const std::function<void(const TrailView::Statement&)>& take);

}  // namespace pgward::proxy
