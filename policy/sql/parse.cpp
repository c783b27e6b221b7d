#include "policy/sql/parse.h"

#include <cstdlib>
#include <cstring>

// PostgreSQL's structs come in here and nowhere else, and are only read: the library's globals are
// thread-local but the server headers declare them plain, so none of its functions that touch them
// (palloc, makeNode, PG_TRY) may be called.
extern "C" {
#include <postgres.h>

#include <nodes/parsenodes.h>
#include <nodes/pg_list.h>
#include <pg_query.h>
// pg_query_internal.h is not included: it needs headers that are not installed and repeats others.
typedef struct {
  List* tree;
  char* stderr_buffer;
  PgQueryError* error;
} PgQueryInternalParsetreeAndError;
PgQueryInternalParsetreeAndError pg_query_raw_parse(const char* input);
void pg_query_free_error(PgQueryError* error);
MemoryContext pg_query_enter_memory_context(void);
void pg_query_exit_memory_context(MemoryContext ctx);
}

namespace pgward::policy::sql {
namespace {

static_assert(int{JOIN_INNER} == kJoinInner && int{JOIN_LEFT} == kJoinLeft && int{JOIN_FULL} == kJoinFull &&
              int{JOIN_RIGHT} == kJoinRight);
static_assert(int{AEXPR_OP} == kOperatorPlain && int{AND_EXPR} == kBoolAnd && int{OR_EXPR} == kBoolOr);
static_assert(int{ONCONFLICT_NOTHING} == kConflictNothing && int{ONCONFLICT_UPDATE} == kConflictUpdate);

using PgNode = ::Node;

// Numbers packed into TreeNode::number: flags side by side, each in bits of its own.
std::int64_t pack(std::initializer_list<std::int64_t> values) {
  std::int64_t packed = 0;
  for (const std::int64_t value : values) packed = packed * 256 + (value & 255);
  return packed;
}

// Tenants may never change the schema, empty tables or reach outside; the rest is merely not covered yet.
Refusal unknown_kind(NodeTag tag) {
  switch (tag) {
    case T_MergeStmt: case T_ClosePortalStmt: case T_CopyStmt: case T_FetchStmt: case T_NotifyStmt: case T_ListenStmt:
    case T_UnlistenStmt: case T_ExplainStmt: case T_CreateTableAsStmt: case T_LockStmt: case T_ConstraintsSetStmt:
    case T_PrepareStmt: case T_ExecuteStmt: case T_DeclareCursorStmt: case T_CallStmt: case T_TransactionStmt:
      return Refusal::not_supported;
    default:
      return tag >= T_AlterTableStmt && tag <= T_CallStmt ? Refusal::statement_not_allowed : Refusal::not_supported;
  }
}

class Converter {
 public:
  Converter(Tree& tree, unsigned depth_max) : tree_(tree), depth_max_(depth_max) {}

  void statements(const List* raw) {
    const ListCell* cell = nullptr;
    foreach (cell, raw) {
      const auto* it = static_cast<const RawStmt*>(lfirst(cell));
      const Ref body = node(it->stmt);
      tree_.statements.push_back(tree_.add(Kind::statement, {body}, {}, 0, it->stmt_location));
    }
  }
  std::optional<Refusal> refusal;

 private:
  void refuse(Refusal reason) {
    if (!refusal) refusal = reason;
  }
  static std::string_view text(const char* value) { return value == nullptr ? std::string_view() : value; }
  Ref string(const char* value) { return value == nullptr ? kNone : tree_.string(value); }
  Ref node(const void* pointer);
  Ref list(const List* items) {
    if (items == NIL) return kNone;
    std::vector<Ref> refs;
    const ListCell* cell = nullptr;
    foreach (cell, items) refs.push_back(node(lfirst(cell)));
    return tree_.add(Kind::list, -1, {}, 0, refs);
  }
  Ref convert(const PgNode* pointer);
  Ref expression(const PgNode* pointer);
  Ref leaf(const PgNode* pointer);
  Ref from_item(const PgNode* pointer);
  Ref clause(const PgNode* pointer);
  Ref dml(const PgNode* pointer);
  Ref utility(const PgNode* pointer);
  Ref constant(const A_Const* it);

  Tree& tree_;
  unsigned depth_max_;
  unsigned depth_ = 0;
};

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
  if (made == kNone && !refusal) refuse(unknown_kind(nodeTag(pointer)));
  return made;
}

#define AS(type) const auto* it = reinterpret_cast<const type*>(pointer)

Ref Converter::constant(const A_Const* it) {
  return tree_.add(Kind::constant, {it->isnull ? kNone : leaf(&it->val.node)}, {}, 0, it->location);
}

Ref Converter::leaf(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_String: { AS(String); return tree_.string(text(it->sval)); }
    case T_Integer: { AS(Integer); return tree_.add(Kind::integer, {}, {}, it->ival); }
    case T_Float: { AS(Float); return tree_.add(Kind::float_, {}, text(it->fval)); }
    case T_Boolean: { AS(Boolean); return tree_.add(Kind::boolean, {}, {}, it->boolval); }
    case T_BitString: { AS(BitString); return tree_.add(Kind::bit_string, {}, text(it->bsval)); }
    case T_A_Star: return tree_.add(Kind::star);
    case T_A_Const: { AS(A_Const); return constant(it); }
    case T_ParamRef: { AS(ParamRef); return tree_.add(Kind::param, {}, {}, it->number, it->location); }
    case T_SetToDefault: { AS(SetToDefault); return tree_.add(Kind::set_to_default, {}, {}, 0, it->location); }
    case T_SQLValueFunction: { AS(SQLValueFunction); return tree_.add(Kind::sql_value, {}, {}, it->op * 100000LL + it->typmod, it->location); }
    case T_CurrentOfExpr: { AS(CurrentOfExpr); return tree_.add(Kind::current_of, {}, text(it->cursor_name), it->cursor_param); }
    default: return kNone;
  }
}

Ref Converter::expression(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_ColumnRef: { AS(ColumnRef); return tree_.add(Kind::column_ref, {list(it->fields)}, {}, 0, it->location); }
    case T_A_Expr: { AS(A_Expr); return tree_.add(Kind::operator_, {list(it->name), node(it->lexpr), node(it->rexpr)}, {}, it->kind, it->location); }
    case T_BoolExpr: { AS(BoolExpr); return tree_.add(Kind::bool_expr, {list(it->args)}, {}, it->boolop, it->location); }
    case T_NullTest: { AS(NullTest); return tree_.add(Kind::null_test, {node(it->arg)}, {}, it->nulltesttype, it->location); }
    case T_BooleanTest: { AS(BooleanTest); return tree_.add(Kind::boolean_test, {node(it->arg)}, {}, it->booltesttype, it->location); }
    case T_FuncCall: {
      AS(FuncCall);
      return tree_.add(Kind::func_call, {list(it->funcname), list(it->args), list(it->agg_order), node(it->agg_filter), node(it->over)}, {},
                       pack({it->agg_within_group, it->agg_star, it->agg_distinct, it->func_variadic, it->funcformat}), it->location);
    }
    case T_SubLink: { AS(SubLink); return tree_.add(Kind::sublink, {node(it->testexpr), list(it->operName), node(it->subselect)}, {}, it->subLinkType, it->location); }
    case T_CaseExpr: { AS(CaseExpr); return tree_.add(Kind::case_, {node(it->arg), list(it->args), node(it->defresult)}, {}, 0, it->location); }
    case T_CaseWhen: { AS(CaseWhen); return tree_.add(Kind::case_when, {node(it->expr), node(it->result)}, {}, 0, it->location); }
    case T_CoalesceExpr: { AS(CoalesceExpr); return tree_.add(Kind::coalesce, {list(it->args)}, {}, 0, it->location); }
    case T_MinMaxExpr: { AS(MinMaxExpr); return tree_.add(Kind::min_max, {list(it->args)}, {}, it->op, it->location); }
    case T_RowExpr: { AS(RowExpr); return tree_.add(Kind::row, {list(it->args)}, {}, it->row_format, it->location); }
    case T_A_ArrayExpr: { AS(A_ArrayExpr); return tree_.add(Kind::array, {list(it->elements)}, {}, 0, it->location); }
    case T_A_Indirection: { AS(A_Indirection); return tree_.add(Kind::indirection, {node(it->arg), list(it->indirection)}); }
    case T_A_Indices: { AS(A_Indices); return tree_.add(Kind::indices, {node(it->lidx), node(it->uidx)}, {}, it->is_slice); }
    case T_TypeCast: { AS(TypeCast); return tree_.add(Kind::type_cast, {node(it->arg), node(it->typeName)}, {}, 0, it->location); }
    case T_TypeName: {
      AS(TypeName);
      return tree_.add(Kind::type_name, {list(it->names), list(it->typmods), list(it->arrayBounds)}, {},
                       ((std::int64_t{it->typemod} * 2) + it->setof) * 2 + it->pct_type, it->location);
    }
    case T_CollateClause: { AS(CollateClause); return tree_.add(Kind::collate, {node(it->arg), list(it->collname)}, {}, 0, it->location); }
    case T_XmlExpr: { AS(XmlExpr); return tree_.add(Kind::xml_expr, {list(it->named_args), list(it->arg_names), list(it->args)}, text(it->name), pack({it->op, it->xmloption}), it->location); }
    case T_XmlSerialize: { AS(XmlSerialize); return tree_.add(Kind::xml_serialize, {node(it->expr), node(it->typeName)}, {}, it->xmloption, it->location); }
    case T_GroupingFunc: { AS(GroupingFunc); return tree_.add(Kind::grouping_func, {list(it->args)}, {}, 0, it->location); }
    case T_GroupingSet: { AS(GroupingSet); return tree_.add(Kind::grouping_set, {list(it->content)}, {}, it->kind, it->location); }
    case T_NamedArgExpr: { AS(NamedArgExpr); return tree_.add(Kind::named_arg, {node(it->arg)}, text(it->name), it->argnumber, it->location); }
    case T_MultiAssignRef: {
      AS(MultiAssignRef);
      // (a, b) = (SELECT ..) shares one source between its targets: it is kept under the first.
      return tree_.add(Kind::multi_assign, {it->colno == 1 ? node(it->source) : kNone}, {}, it->colno * 100000LL + it->ncolumns);
    }
    default: return kNone;
  }
}

Ref Converter::from_item(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_RangeVar: {
      AS(RangeVar);
      return tree_.add(Kind::range_var, {string(it->catalogname), string(it->schemaname), node(it->alias)}, text(it->relname),
                       pack({it->relpersistence, it->inh}), it->location);
    }
    case T_RangeSubselect: { AS(RangeSubselect); return tree_.add(Kind::range_subselect, {node(it->subquery), node(it->alias)}, {}, it->lateral); }
    case T_RangeFunction: {
      AS(RangeFunction);
      return tree_.add(Kind::range_function, {list(it->functions), node(it->alias), list(it->coldeflist)}, {}, pack({it->lateral, it->ordinality, it->is_rowsfrom}));
    }
    case T_RangeTableFunc: {
      AS(RangeTableFunc);
      return tree_.add(Kind::range_table_func, {node(it->docexpr), node(it->rowexpr), list(it->namespaces), list(it->columns), node(it->alias)}, {}, it->lateral, it->location);
    }
    case T_RangeTableFuncCol: {
      AS(RangeTableFuncCol);
      return tree_.add(Kind::range_table_func_col, {node(it->typeName), node(it->colexpr), node(it->coldefexpr)}, text(it->colname), pack({it->for_ordinality, it->is_not_null}), it->location);
    }
    case T_RangeTableSample: { AS(RangeTableSample); return tree_.add(Kind::range_sample, {node(it->relation), list(it->method), list(it->args), node(it->repeatable)}, {}, 0, it->location); }
    case T_JoinExpr: {
      AS(JoinExpr);
      return tree_.add(Kind::join, {node(it->larg), node(it->rarg), list(it->usingClause), node(it->quals), node(it->alias), node(it->join_using_alias)}, {},
                       it->jointype + (it->isNatural ? std::int64_t{kJoinNatural} : 0));
    }
    case T_Alias: { AS(Alias); return tree_.add(Kind::alias, {list(it->colnames)}, text(it->aliasname)); }
    case T_ColumnDef: {
      AS(ColumnDef);
      if (it->raw_default != nullptr || it->constraints != NIL || it->fdwoptions != NIL || it->identity != 0) return kNone;
      return tree_.add(Kind::column_def, {node(it->typeName), node(it->collClause)}, text(it->colname), pack({it->is_not_null}), it->location);
    }
    default: return kNone;
  }
}

Ref Converter::clause(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_ResTarget: { AS(ResTarget); return tree_.add(Kind::res_target, {list(it->indirection), node(it->val)}, text(it->name), 0, it->location); }
    case T_WithClause: { AS(WithClause); return tree_.add(Kind::with, {list(it->ctes)}, {}, it->recursive, it->location); }
    case T_CommonTableExpr: {
      AS(CommonTableExpr);
      return tree_.add(Kind::cte, {list(it->aliascolnames), node(it->ctequery), node(it->search_clause), node(it->cycle_clause)}, text(it->ctename), it->ctematerialized, it->location);
    }
    case T_CTESearchClause: { AS(CTESearchClause); return tree_.add(Kind::cte_search, {list(it->search_col_list)}, text(it->search_seq_column), it->search_breadth_first, it->location); }
    case T_CTECycleClause: {
      AS(CTECycleClause);
      return tree_.add(Kind::cte_cycle, {list(it->cycle_col_list), node(it->cycle_mark_value), node(it->cycle_mark_default), string(it->cycle_path_column)}, text(it->cycle_mark_column), 0, it->location);
    }
    case T_OnConflictClause: { AS(OnConflictClause); return tree_.add(Kind::on_conflict, {node(it->infer), list(it->targetList), node(it->whereClause)}, {}, it->action, it->location); }
    case T_InferClause: { AS(InferClause); return tree_.add(Kind::infer, {list(it->indexElems), node(it->whereClause)}, text(it->conname), 0, it->location); }
    case T_IndexElem: {
      AS(IndexElem);
      return tree_.add(Kind::index_elem, {node(it->expr), string(it->indexcolname), list(it->collation), list(it->opclass), list(it->opclassopts)}, text(it->name), pack({it->ordering, it->nulls_ordering}));
    }
    case T_LockingClause: { AS(LockingClause); return tree_.add(Kind::locking, {list(it->lockedRels)}, {}, pack({it->strength, it->waitPolicy})); }
    case T_SortBy: { AS(SortBy); return tree_.add(Kind::sort_by, {node(it->node), list(it->useOp)}, {}, pack({it->sortby_dir, it->sortby_nulls}), it->location); }
    case T_WindowDef: {
      AS(WindowDef);
      return tree_.add(Kind::window, {string(it->refname), list(it->partitionClause), list(it->orderClause), node(it->startOffset), node(it->endOffset)}, text(it->name), it->frameOptions, it->location);
    }
    case T_DefElem: { AS(DefElem); return tree_.add(Kind::def_elem, {string(it->defnamespace), node(it->arg)}, text(it->defname), it->defaction, it->location); }
    default: return kNone;
  }
}

Ref Converter::dml(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_SelectStmt: {
      AS(SelectStmt);
      if (it->intoClause != nullptr) return kNone;  // SELECT INTO makes a table
      return tree_.add(Kind::select,
                       {list(it->distinctClause), list(it->targetList), list(it->fromClause), node(it->whereClause), list(it->groupClause),
                        node(it->havingClause), list(it->windowClause), list(it->valuesLists), list(it->sortClause), node(it->limitOffset),
                        node(it->limitCount), list(it->lockingClause), node(it->withClause), node(it->larg), node(it->rarg)},
                       {}, pack({it->groupDistinct, it->limitOption, it->all, it->op}));
    }
    case T_InsertStmt: {
      AS(InsertStmt);
      return tree_.add(Kind::insert, {node(it->relation), list(it->cols), node(it->selectStmt), node(it->onConflictClause), list(it->returningList), node(it->withClause)}, {}, it->override);
    }
    case T_UpdateStmt: {
      AS(UpdateStmt);
      return tree_.add(Kind::update, {node(it->relation), list(it->targetList), list(it->fromClause), node(it->whereClause), list(it->returningList), node(it->withClause)});
    }
    case T_DeleteStmt: {
      AS(DeleteStmt);
      return tree_.add(Kind::delete_, {node(it->relation), list(it->usingClause), node(it->whereClause), list(it->returningList), node(it->withClause)});
    }
    default: return kNone;
  }
}

Ref Converter::utility(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_TransactionStmt: {
      AS(TransactionStmt);
      if (it->gid != nullptr) return kNone;  // two-phase commit outlives the session
      return tree_.add(Kind::transaction, {list(it->options)}, text(it->savepoint_name), pack({it->chain, it->kind}));
    }
    case T_VariableSetStmt: { AS(VariableSetStmt); return tree_.add(Kind::variable_set, {list(it->args)}, text(it->name), pack({it->is_local, it->kind})); }
    case T_VariableShowStmt: { AS(VariableShowStmt); return tree_.add(Kind::variable_show, {}, text(it->name)); }
    case T_DiscardStmt: { AS(DiscardStmt); return tree_.add(Kind::discard, {}, {}, it->target); }
    case T_DeallocateStmt: { AS(DeallocateStmt); return tree_.add(Kind::deallocate, {}, text(it->name), it->name == nullptr); }
    default: return kNone;
  }
}

#undef AS

}  // namespace

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
