// libpg_query's parser without its JSON, as its pg_query_internal.h declares it. That header is not included: it needs
// headers that are not installed and repeats others. Declared here once, for all that call it.
#pragma once

extern "C" {
#include <pg_query.h>

struct List;
struct MemoryContextData;

typedef struct {
  struct List* tree;
  char* stderr_buffer;
  PgQueryError* error;
} PgQueryInternalParsetreeAndError;
PgQueryInternalParsetreeAndError pg_query_raw_parse(const char* input);
void pg_query_free_error(PgQueryError* error);
struct MemoryContextData* pg_query_enter_memory_context(void);
void pg_query_exit_memory_context(struct MemoryContextData* context);
}
