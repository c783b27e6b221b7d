#include "policy/sql/convert.h"

namespace pgward::policy::sql {

Ref Converter::from_item(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_RangeVar: {
      AS(RangeVar);
      return tree_.add(Kind::range_var, {string(it->catalogname), string(it->schemaname), node(it->alias)},
                       text(it->relname), pack({it->relpersistence, it->inh}), it->location);
    }
    case T_RangeSubselect: {
      AS(RangeSubselect);
      return tree_.add(Kind::range_subselect, {node(it->subquery), node(it->alias)}, {}, it->lateral);
    }
    case T_RangeFunction: {
      AS(RangeFunction);
      return tree_.add(Kind::range_function, {list(it->functions), node(it->alias), list(it->coldeflist)}, {},
                       pack({it->lateral, it->ordinality, it->is_rowsfrom}));
    }
    case T_RangeTableFunc: {
      AS(RangeTableFunc);
      return tree_.add(
          Kind::range_table_func,
          {node(it->docexpr), node(it->rowexpr), list(it->namespaces), list(it->columns), node(it->alias)},
          {}, it->lateral, it->location);
    }
    case T_RangeTableFuncCol: {
      AS(RangeTableFuncCol);
      return tree_.add(Kind::range_table_func_col,
                       {node(it->typeName), node(it->colexpr), node(it->coldefexpr)}, text(it->colname),
                       pack({it->for_ordinality, it->is_not_null}), it->location);
    }
    case T_RangeTableSample: {
      AS(RangeTableSample);
      return tree_.add(Kind::range_sample,
                       {node(it->relation), list(it->method), list(it->args), node(it->repeatable)}, {}, 0,
                       it->location);
    }
    case T_JoinExpr: {
      AS(JoinExpr);
      return tree_.add(Kind::join,
                       {node(it->larg), node(it->rarg), list(it->usingClause), node(it->quals),
                        node(it->alias), node(it->join_using_alias)},
                       {}, it->jointype + (it->isNatural ? std::int64_t{kJoinNatural} : 0));
    }
    case T_Alias: {
      AS(Alias);
      return tree_.add(Kind::alias, {list(it->colnames)}, text(it->aliasname));
    }
    case T_ColumnDef: {
      AS(ColumnDef);
      if (it->raw_default != nullptr || it->constraints != NIL || it->fdwoptions != NIL || it->identity != 0)
        return kNone;
      return tree_.add(Kind::column_def, {node(it->typeName), node(it->collClause)}, text(it->colname),
                       pack({it->is_not_null}), it->location);
    }
    default:
      return kNone;
  }
}

Ref Converter::clause(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_ResTarget: {
      AS(ResTarget);
      return tree_.add(Kind::res_target, {list(it->indirection), node(it->val)}, text(it->name), 0,
                       it->location);
    }
    case T_WithClause: {
      AS(WithClause);
      return tree_.add(Kind::with, {list(it->ctes)}, {}, it->recursive, it->location);
    }
    case T_CommonTableExpr: {
      AS(CommonTableExpr);
      return tree_.add(
          Kind::cte,
          {list(it->aliascolnames), node(it->ctequery), node(it->search_clause), node(it->cycle_clause)},
          text(it->ctename), it->ctematerialized, it->location);
    }
    case T_CTESearchClause: {
      AS(CTESearchClause);
      return tree_.add(Kind::cte_search, {list(it->search_col_list)}, text(it->search_seq_column),
                       it->search_breadth_first, it->location);
    }
    case T_CTECycleClause: {
      AS(CTECycleClause);
      return tree_.add(Kind::cte_cycle,
                       {list(it->cycle_col_list), node(it->cycle_mark_value), node(it->cycle_mark_default),
                        string(it->cycle_path_column)},
                       text(it->cycle_mark_column), 0, it->location);
    }
    case T_OnConflictClause: {
      AS(OnConflictClause);
      return tree_.add(Kind::on_conflict, {node(it->infer), list(it->targetList), node(it->whereClause)}, {},
                       it->action, it->location);
    }
    case T_InferClause: {
      AS(InferClause);
      return tree_.add(Kind::infer, {list(it->indexElems), node(it->whereClause)}, text(it->conname), 0,
                       it->location);
    }
    case T_IndexElem: {
      AS(IndexElem);
      return tree_.add(Kind::index_elem,
                       {node(it->expr), string(it->indexcolname), list(it->collation), list(it->opclass),
                        list(it->opclassopts)},
                       text(it->name), pack({it->ordering, it->nulls_ordering}));
    }
    case T_LockingClause: {
      AS(LockingClause);
      return tree_.add(Kind::locking, {list(it->lockedRels)}, {}, pack({it->strength, it->waitPolicy}));
    }
    case T_SortBy: {
      AS(SortBy);
      return tree_.add(Kind::sort_by, {node(it->node), list(it->useOp)}, {},
                       pack({it->sortby_dir, it->sortby_nulls}), it->location);
    }
    case T_WindowDef: {
      AS(WindowDef);
      return tree_.add(Kind::window,
                       {string(it->refname), list(it->partitionClause), list(it->orderClause),
                        node(it->startOffset), node(it->endOffset)},
                       text(it->name), it->frameOptions, it->location);
    }
    case T_DefElem: {
      AS(DefElem);
      return tree_.add(Kind::def_elem, {string(it->defnamespace), node(it->arg)}, text(it->defname),
                       it->defaction, it->location);
    }
    default:
      return kNone;
  }
}

Ref Converter::dml(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_SelectStmt: {
      AS(SelectStmt);
      if (it->intoClause != nullptr) return kNone;  // SELECT INTO makes a table
      return tree_.add(
          Kind::select,
          {list(it->distinctClause), list(it->targetList), list(it->fromClause), node(it->whereClause),
           list(it->groupClause), node(it->havingClause), list(it->windowClause), list(it->valuesLists),
           list(it->sortClause), node(it->limitOffset), node(it->limitCount), list(it->lockingClause),
           node(it->withClause), node(it->larg), node(it->rarg)},
          {}, pack({it->groupDistinct, it->limitOption, it->all, it->op}));
    }
    case T_InsertStmt: {
      AS(InsertStmt);
      return tree_.add(Kind::insert,
                       {node(it->relation), list(it->cols), node(it->selectStmt), node(it->onConflictClause),
                        list(it->returningList), node(it->withClause)},
                       {}, it->override);
    }
    case T_UpdateStmt: {
      AS(UpdateStmt);
      return tree_.add(Kind::update, {node(it->relation), list(it->targetList), list(it->fromClause),
                                      node(it->whereClause), list(it->returningList), node(it->withClause)});
    }
    case T_DeleteStmt: {
      AS(DeleteStmt);
      return tree_.add(Kind::delete_, {node(it->relation), list(it->usingClause), node(it->whereClause),
                                       list(it->returningList), node(it->withClause)});
    }
    case T_MergeStmt: {
      AS(MergeStmt);
      return tree_.add(Kind::merge, {node(it->relation), node(it->sourceRelation), node(it->joinCondition),
                                     list(it->mergeWhenClauses), node(it->withClause)});
    }
    case T_MergeWhenClause: {
      AS(MergeWhenClause);
      return tree_.add(Kind::merge_when, {node(it->condition), list(it->targetList), list(it->values)}, {},
                       pack({it->matched, it->commandType, it->override}));
    }
    default:
      return kNone;
  }
}

Ref Converter::utility(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_TransactionStmt: {
      AS(TransactionStmt);
      if (it->gid != nullptr) return kNone;  // two-phase commit outlives the session
      return tree_.add(Kind::transaction, {list(it->options)}, text(it->savepoint_name),
                       pack({it->chain, it->kind}));
    }
    case T_VariableSetStmt: {
      AS(VariableSetStmt);
      return tree_.add(Kind::variable_set, {list(it->args)}, text(it->name), pack({it->is_local, it->kind}));
    }
    case T_VariableShowStmt: {
      AS(VariableShowStmt);
      return tree_.add(Kind::variable_show, {}, text(it->name));
    }
    case T_ListenStmt: {
      AS(ListenStmt);
      return tree_.add(Kind::channel, {kNone}, text(it->conditionname), kListen);
    }
    case T_UnlistenStmt: {
      AS(UnlistenStmt);
      return tree_.add(Kind::channel, {kNone}, text(it->conditionname), kUnlisten);
    }
    case T_NotifyStmt: {
      AS(NotifyStmt);
      return tree_.add(Kind::channel, {string(it->payload)}, text(it->conditionname), kNotify);
    }
    case T_DiscardStmt: {
      AS(DiscardStmt);
      return tree_.add(Kind::discard, {}, {}, it->target);
    }
    case T_DeallocateStmt: {
      AS(DeallocateStmt);
      return tree_.add(Kind::deallocate, {}, text(it->name), it->name == nullptr);
    }
    case T_CopyStmt: {
      AS(CopyStmt);
      const std::int64_t flags = it->is_from * std::int64_t{kCopyFrom} +
                                 it->is_program * std::int64_t{kCopyProgram} +
                                 (it->filename != nullptr) * std::int64_t{kCopyFile};
      return tree_.add(Kind::copy,
                       {node(it->relation), node(it->query), list(it->attlist), list(it->options),
                        node(it->whereClause)},
                       text(it->filename), flags);
    }
    case T_LockStmt: {
      AS(LockStmt);
      return tree_.add(Kind::lock, {list(it->relations)}, {}, pack({it->nowait, it->mode}));
    }
    default:
      return kNone;
  }
}

}  // namespace pgward::policy::sql
