#include "raw_parse.h"

#include <cstdlib>

#include "policy/sql/raw_parse.h"

namespace pgward::bench {

bool raw_parse(const char* sql) {
  MemoryContextData* const context = pg_query_enter_memory_context();
  const PgQueryInternalParsetreeAndError parsed = pg_query_raw_parse(sql);
  const bool well = parsed.error == nullptr;
  if (!well) pg_query_free_error(parsed.error);
  std::free(parsed.stderr_buffer);
  pg_query_exit_memory_context(context);
  return well;
}

}  // namespace pgward::bench
