#include "policy/sql/parse.h"

#include <cstdlib>
#include <cstring>

#include "policy/sql/convert.h"
#include "policy/sql/raw_parse.h"

namespace pgward::policy::sql {
namespace {

static_assert(int{JOIN_INNER} == kJoinInner && int{JOIN_LEFT} == kJoinLeft && int{JOIN_FULL} == kJoinFull &&
              int{JOIN_RIGHT} == kJoinRight);
static_assert(int{AEXPR_OP} == kOperatorPlain && int{AND_EXPR} == kBoolAnd && int{OR_EXPR} == kBoolOr);
static_assert(int{ONCONFLICT_NOTHING} == kConflictNothing && int{ONCONFLICT_UPDATE} == kConflictUpdate);
static_assert(CURSOR_OPT_HOLD == kCursorHold);
static_assert(int{CONSTR_NULL} == kConstraintNull && int{CONSTR_NOTNULL} == kConstraintNotNull &&
              int{CONSTR_DEFAULT} == kConstraintDefault && int{CONSTR_CHECK} == kConstraintCheck &&
              int{CONSTR_PRIMARY} == kConstraintPrimary && int{CONSTR_UNIQUE} == kConstraintUnique);
static_assert(int{CMD_UPDATE} == kMergeUpdate && int{CMD_INSERT} == kMergeInsert &&
              int{CMD_DELETE} == kMergeDelete && int{CMD_NOTHING} == kMergeNothing);

// Tenants may never change the schema, empty tables or reach outside; the rest is merely not covered yet.
Refusal unknown_kind(NodeTag tag) {
  switch (tag) {
    case T_TransactionStmt:
      return Refusal::not_supported;
    default:
      return tag >= T_AlterTableStmt && tag <= T_CallStmt ? Refusal::statement_not_allowed
                                                          : Refusal::not_supported;
  }
}

}  // namespace

// Recursion is bounded by depth_max_; lists do not count, they nest through nodes only.
Ref Converter::node(const void* pointer) {
  if (pointer == nullptr || refusal) return kNone;
  const auto* it = static_cast<const PgNode*>(pointer);
  if (nodeTag(it) == T_List) return list(static_cast<const List*>(pointer));
  if (depth_ >= depth_max_) {
    refuse(Refusal::too_deep);
    return kNone;
  }
  ++depth_;
  const Ref made = convert(it);
  --depth_;
  return made;
}

Ref Converter::convert(const PgNode* pointer) {
  Ref made = expression(pointer);
  if (made == kNone && !refusal) made = leaf(pointer);
  if (made == kNone && !refusal) made = from_item(pointer);
  if (made == kNone && !refusal) made = clause(pointer);
  if (made == kNone && !refusal) made = dml(pointer);
  if (made == kNone && !refusal) made = utility(pointer);
  if (made == kNone && !refusal) made = session_statement(pointer);
  if (made == kNone && !refusal) made = ddl(pointer);
  if (made == kNone && !refusal) made = temporary(pointer);
  if (made == kNone && !refusal) refuse(unknown_kind(nodeTag(pointer)));
  return made;
}

Parsed parse(const std::string& sql, unsigned depth_max) {
  Parsed result;
  const MemoryContext context = pg_query_enter_memory_context();
  const PgQueryInternalParsetreeAndError raw = pg_query_raw_parse(sql.c_str());
  if (raw.error != nullptr) {
    const char* message = raw.error->message;
    // bison's own stack ran out: the statement is nested too deeply, not wrong.
    const bool deep = message != nullptr && std::strstr(message, "memory exhausted") != nullptr;
    result.refusal = deep ? Refusal::too_deep : Refusal::unparsable;
    pg_query_free_error(raw.error);
  } else {
    Converter convert(result.tree, depth_max);
    convert.statements(raw.tree);
    result.refusal = convert.refusal;
  }
  std::free(raw.stderr_buffer);
  pg_query_exit_memory_context(context);
  return result;
}

}  // namespace pgward::policy::sql
