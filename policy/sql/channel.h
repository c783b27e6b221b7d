// LISTEN, UNLISTEN and NOTIFY. Channels are one space of names for a whole database; each tenant gets its own part of
// it: the name is put behind the tenant's tag, and taken out again when a notification comes back. So nobody hears,
// or is heard by, another tenant, whatever the name.
#pragma once

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

bool walk_channel(Analysis& analysis, Ref node);
// In a finished tree: a name in the caller's own part, or UNLISTEN *.
bool channel_is_own(const Tree& tree, Ref node);

}  // namespace pgward::policy::sql
