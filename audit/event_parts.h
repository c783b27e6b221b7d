// What records of several kinds have in common.
#pragma once

#include "audit/event.h"
#include "audit/json_text.h"

namespace pgward::audit {

void append_source(JsonMembers& members, const Source& source);  // "src":{..}
void append_statement_text(JsonMembers& members, std::string_view sha256_hex,
                           std::size_t bytes);  // "sql":{..}

}  // namespace pgward::audit
