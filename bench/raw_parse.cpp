#include "raw_parse.h"

#include <cstdlib>

extern "C" {
#include <pg_query.h>
// As policy/sql/parse.cpp declares them; the tree itself is not looked at.
typedef struct {
  void* tree;
  char* stderr_buffer;
  PgQueryError* error;
} PgQueryInternalParsetreeAndError;
PgQueryInternalParsetreeAndError pg_query_raw_parse(const char* input);
void pg_query_free_error(PgQueryError* error);
void* pg_query_enter_memory_context(void);
void pg_query_exit_memory_context(void* context);
}

namespace pgward::bench {

bool raw_parse(const char* sql) {
  void* const context = pg_query_enter_memory_context();
  const PgQueryInternalParsetreeAndError parsed = pg_query_raw_parse(sql);
  const bool well = parsed.error == nullptr;
  if (!well) pg_query_free_error(parsed.error);
  std::free(parsed.stderr_buffer);
  pg_query_exit_memory_context(context);
  return well;
}

}  // namespace pgward::bench
