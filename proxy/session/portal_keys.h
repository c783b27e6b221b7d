// What a prepared statement and its portals know of the keys that they will touch.
#pragma once

#include <memory>

#include "protocol/bind.h"
#include "proxy/session/expected.h"
#include "proxy/session/hidden_columns.h"

namespace pgward::proxy {

// Some record will tell of the keys that it touches, or of those of what its names stand for.
bool may_tell_of_keys(const Statement& statement);

// A portal knows the values of its keys; and its rows by itself where the statement's description says not all of them.
// `whole_with`: the columns that the server puts in front of the client's; null: the end of the message is not here.
std::shared_ptr<const Prepared> keyed_portal(const Prepared& prepared, const protocol::Bind& message, const Hidden* whole_with);

}  // namespace pgward::proxy
