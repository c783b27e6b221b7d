// CREATE TABLE, CREATE TABLE AS, SELECT INTO, DROP TABLE, TRUNCATE, as far as temporary tables need them.
//
// A clause that is not read here makes the statement one of a kind that is not known.
#include "policy/sql/convert.h"

namespace pgward::policy::sql {

// SELECT .. INTO as a whole statement is CREATE TABLE AS; anywhere else it is an error of the server's.
bool Converter::is_select_into(const PgNode* pointer) {
  return nodeTag(pointer) == T_SelectStmt && reinterpret_cast<const SelectStmt*>(pointer)->intoClause != nullptr;
}

Ref Converter::select_into(const PgNode* pointer) {
  AS(SelectStmt);
  SelectStmt plain = *it;
  plain.intoClause = nullptr;
  const Ref query = node(&plain);
  return tree_.add(Kind::create_as, {query, node(it->intoClause)}, {}, pack({1, 0}));
}

Ref Converter::table_column(const PgNode* pointer) {
  AS(ColumnDef);
  if (it->raw_default != nullptr || it->fdwoptions != NIL || it->identity != 0 || it->generated != 0 ||
      it->compression != nullptr || it->storage != 0)
    return kNone;
  std::vector<Ref> constraints;
  const ListCell* cell = nullptr;
  foreach (cell, it->constraints) {
    const auto* one = static_cast<const PgNode*>(lfirst(cell));
    const Ref made = nodeTag(one) == T_Constraint ? constraint(one) : kNone;
    if (made == kNone) return kNone;
    constraints.push_back(made);
  }
  const Ref all = tree_.add(Kind::list, -1, {}, 0, constraints);
  return tree_.add(Kind::table_column, {node(it->typeName), node(it->collClause), all}, text(it->colname));
}

// Those that look at the row alone. A name would be one of a relation when an index stands behind it.
Ref Converter::constraint(const PgNode* pointer) {
  AS(Constraint);
  const bool index = it->contype == CONSTR_PRIMARY || it->contype == CONSTR_UNIQUE;
  const bool plain = it->contype == CONSTR_NULL || it->contype == CONSTR_NOTNULL || it->contype == CONSTR_DEFAULT ||
                     it->contype == CONSTR_CHECK;
  if ((!index && !plain) || (index && it->conname != nullptr) || it->including != NIL || it->options != NIL ||
      it->indexname != nullptr || it->indexspace != nullptr || it->where_clause != nullptr)
    return kNone;
  return tree_.add(Kind::constraint, {node(it->raw_expr), list(it->keys)}, text(it->conname),
                   pack({it->nulls_not_distinct, it->deferrable, it->initdeferred, it->contype}));
}

Ref Converter::temporary(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_IntoClause: {
      AS(IntoClause);
      if (it->accessMethod != nullptr || it->options != NIL || it->tableSpaceName != nullptr || it->viewQuery != nullptr)
        return kNone;
      return tree_.add(Kind::into, {node(it->rel), list(it->colNames)}, {}, pack({it->onCommit, it->skipData}));
    }
    case T_CreateTableAsStmt: {
      AS(CreateTableAsStmt);
      if (it->objtype != OBJECT_TABLE) return kNone;
      return tree_.add(Kind::create_as, {node(it->query), node(it->into)}, {}, pack({it->is_select_into, it->if_not_exists}));
    }
    case T_CreateStmt: {
      AS(CreateStmt);
      if (it->inhRelations != NIL || it->partbound != nullptr || it->partspec != nullptr || it->ofTypename != nullptr ||
          it->constraints != NIL || it->options != NIL || it->tablespacename != nullptr || it->accessMethod != nullptr)
        return kNone;
      std::vector<Ref> elements;
      const ListCell* cell = nullptr;
      foreach (cell, it->tableElts) {
        const auto* one = static_cast<const PgNode*>(lfirst(cell));
        const Ref made = nodeTag(one) == T_ColumnDef    ? table_column(one)
                         : nodeTag(one) == T_Constraint ? constraint(one)
                                                        : kNone;
        if (made == kNone) return kNone;
        elements.push_back(made);
      }
      const Ref all = tree_.add(Kind::list, -1, {}, 0, elements);
      return tree_.add(Kind::create_table, {node(it->relation), all}, {}, pack({it->oncommit, it->if_not_exists}));
    }
    case T_DropStmt: {
      AS(DropStmt);
      if (it->removeType != OBJECT_TABLE) return kNone;
      return tree_.add(Kind::drop_table, {list(it->objects)}, {}, pack({it->behavior, it->missing_ok}));
    }
    case T_TruncateStmt: {
      AS(TruncateStmt);
      return tree_.add(Kind::truncate, {list(it->relations)}, {}, pack({it->restart_seqs, it->behavior}));
    }
    default:
      return kNone;
  }
}

}  // namespace pgward::policy::sql
