// Changes of the schema, for roles that may: an allow-list of statements, of their clauses and of what ALTER TABLE
// does. What is not read here makes the statement one that is not allowed, so nothing of it can go unnoticed.
//
// Kept is what has to be judged: the relation, names of its columns that are changed, and every expression. A
// view's query is not: it runs when the view is read, and that the policy must open.
#include <algorithm>
#include <array>

#include "policy/sql/convert.h"

namespace pgward::policy::sql {
namespace {

bool is_temporary(const RangeVar* name) {
  return name->relpersistence == 't' ||
         (name->schemaname != nullptr && std::string_view(name->schemaname) == "pg_temp");
}

constexpr std::array kDropped{OBJECT_INDEX, OBJECT_VIEW, OBJECT_SEQUENCE, OBJECT_TYPE, OBJECT_DOMAIN};
constexpr std::array kRenamed{OBJECT_TABLE, OBJECT_INDEX, OBJECT_VIEW, OBJECT_SEQUENCE};
constexpr std::array kCommented{OBJECT_TABLE, OBJECT_COLUMN, OBJECT_INDEX, OBJECT_VIEW, OBJECT_SEQUENCE,
                                OBJECT_TYPE,  OBJECT_DOMAIN, OBJECT_TABCONSTRAINT};
constexpr std::array kConstraints{CONSTR_NULL,    CONSTR_NOTNULL,   CONSTR_DEFAULT,         CONSTR_IDENTITY,
                                  CONSTR_CHECK,   CONSTR_PRIMARY,   CONSTR_UNIQUE,          CONSTR_FOREIGN,
                                  CONSTR_GENERATED, CONSTR_ATTR_DEFERRABLE, CONSTR_ATTR_NOT_DEFERRABLE,
                                  CONSTR_ATTR_DEFERRED, CONSTR_ATTR_IMMEDIATE};
constexpr std::array kAlterations{AT_AddColumn,       AT_ColumnDefault,  AT_DropNotNull,        AT_SetNotNull,
                                  AT_SetStatistics,   AT_DropColumn,     AT_AlterColumnType,    AT_AddConstraint,
                                  AT_DropConstraint,  AT_ValidateConstraint, AT_AddIdentity,    AT_SetIdentity,
                                  AT_DropIdentity};

template <class List, class One>
bool among(const List& list, One one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

// security_barrier, security_invoker, check_option: each makes a view tighter, or says how it is written to.
bool view_options(const List* options) {
  const ListCell* cell = nullptr;
  foreach (cell, options) {
    const std::string_view name = static_cast<const DefElem*>(lfirst(cell))->defname;
    if (name != "security_barrier" && name != "security_invoker" && name != "check_option") return false;
  }
  return true;
}

}  // namespace

bool Converter::ddl_constraint(const PgNode* pointer, std::vector<Ref>& expressions) {
  if (nodeTag(pointer) != T_Constraint) return false;
  AS(Constraint);
  const bool sequence = it->contype == CONSTR_IDENTITY;
  if (!among(kConstraints, it->contype) || it->indexspace != nullptr || it->where_clause != nullptr ||
      (it->options != NIL && !sequence))
    return false;
  if (it->raw_expr != nullptr) expressions.push_back(node(it->raw_expr));
  return true;
}

bool Converter::ddl_column(const PgNode* pointer, std::vector<Ref>& expressions) {
  if (pointer == nullptr || nodeTag(pointer) != T_ColumnDef) return false;
  AS(ColumnDef);
  if (it->fdwoptions != NIL || it->compression != nullptr || it->storage != 0) return false;
  if (it->raw_default != nullptr) expressions.push_back(node(it->raw_default));
  const ListCell* cell = nullptr;
  foreach (cell, it->constraints)
    if (!ddl_constraint(static_cast<const PgNode*>(lfirst(cell)), expressions)) return false;
  return true;
}

Ref Converter::ddl_node(DdlVerb verb, Ref relation, const std::vector<Ref>& names, const std::vector<Ref>& expressions,
                        std::string_view name) {
  const Ref all_names = tree_.add(Kind::list, -1, {}, 0, names);
  const Ref all_expressions = tree_.add(Kind::list, -1, {}, 0, expressions);
  return tree_.add(Kind::ddl, {relation, all_names, all_expressions}, name, static_cast<std::int64_t>(verb));
}

Ref Converter::ddl_create_table(const PgNode* pointer) {
  AS(CreateStmt);
  if (is_temporary(it->relation)) return kNone;
  if (it->inhRelations != NIL || it->partbound != nullptr || it->partspec != nullptr || it->ofTypename != nullptr ||
      it->constraints != NIL || it->options != NIL || it->tablespacename != nullptr || it->accessMethod != nullptr)
    return kNone;
  std::vector<Ref> expressions;
  const ListCell* cell = nullptr;
  foreach (cell, it->tableElts) {
    const auto* one = static_cast<const PgNode*>(lfirst(cell));
    if (!ddl_column(one, expressions) && !ddl_constraint(one, expressions)) return kNone;
  }
  return ddl_node(DdlVerb::create, node(it->relation), {}, expressions, "CREATE TABLE");
}

Ref Converter::ddl_alter_table(const PgNode* pointer) {
  AS(AlterTableStmt);
  if (it->objtype != OBJECT_TABLE || is_temporary(it->relation)) return kNone;
  std::vector<Ref> names;
  std::vector<Ref> expressions;
  const ListCell* cell = nullptr;
  foreach (cell, it->cmds) {
    const auto* command = static_cast<const AlterTableCmd*>(lfirst(cell));
    // CASCADE may take policies of other tables along.
    if (!among(kAlterations, command->subtype) || command->behavior == DROP_CASCADE) return kNone;
    const auto* def = reinterpret_cast<const PgNode*>(command->def);
    if (command->subtype == AT_AddColumn || command->subtype == AT_AlterColumnType) {
      if (!ddl_column(def, expressions)) return kNone;
    } else if (command->subtype == AT_AddConstraint || command->subtype == AT_AddIdentity) {
      if (def == nullptr || !ddl_constraint(def, expressions)) return kNone;
    } else if (command->subtype == AT_ColumnDefault && def != nullptr) {
      expressions.push_back(node(def));
    }
    const bool of_column = command->subtype != AT_AddColumn && command->subtype != AT_DropConstraint &&
                           command->subtype != AT_ValidateConstraint && command->subtype != AT_SetStatistics;
    if (of_column && command->name != nullptr) names.push_back(string(command->name));
  }
  return ddl_node(DdlVerb::alter, node(it->relation), names, expressions, "ALTER TABLE");
}

Ref Converter::ddl_index(const PgNode* pointer) {
  AS(IndexStmt);
  if (is_temporary(it->relation) || it->options != NIL || it->tableSpace != nullptr || it->excludeOpNames != NIL)
    return kNone;
  std::vector<Ref> expressions;
  const ListCell* cell = nullptr;
  foreach (cell, it->indexParams) {
    const auto* key = static_cast<const IndexElem*>(lfirst(cell));
    if (key->opclassopts != NIL) return kNone;
    if (key->expr != nullptr) expressions.push_back(node(key->expr));
  }
  if (it->whereClause != nullptr) expressions.push_back(node(it->whereClause));
  return ddl_node(DdlVerb::index, node(it->relation), {}, expressions, "CREATE INDEX");
}

Ref Converter::ddl_rename(const PgNode* pointer) {
  AS(RenameStmt);
  const bool column = it->renameType == OBJECT_COLUMN && it->relationType == OBJECT_TABLE;
  if (it->relation == nullptr || it->behavior == DROP_CASCADE || is_temporary(it->relation)) return kNone;
  if (it->renameType == OBJECT_TABCONSTRAINT) return ddl_node(DdlVerb::alter, node(it->relation), {}, {}, "ALTER TABLE");
  if (column) return ddl_node(DdlVerb::alter, node(it->relation), {string(it->subname)}, {}, "ALTER TABLE");
  if (!among(kRenamed, it->renameType)) return kNone;
  return ddl_node(DdlVerb::rename, node(it->relation), {string(it->newname)}, {}, "ALTER TABLE");
}

Ref Converter::ddl_drop(const PgNode* pointer) {
  AS(DropStmt);
  if (!among(kDropped, it->removeType) || it->behavior == DROP_CASCADE) return kNone;
  return ddl_node(DdlVerb::plain, kNone, {}, {}, "DROP");
}

Ref Converter::ddl(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_CreateStmt:
      return ddl_create_table(pointer);
    case T_AlterTableStmt:
      return ddl_alter_table(pointer);
    case T_IndexStmt:
      return ddl_index(pointer);
    case T_RenameStmt:
      return ddl_rename(pointer);
    case T_DropStmt:
      return ddl_drop(pointer);
    case T_ViewStmt: {
      AS(ViewStmt);
      if (is_temporary(it->view) || !view_options(it->options)) return kNone;
      return ddl_node(DdlVerb::create, node(it->view), {}, {}, "CREATE VIEW");
    }
    case T_CreateSeqStmt: {
      AS(CreateSeqStmt);
      if (is_temporary(it->sequence)) return kNone;
      return ddl_node(DdlVerb::create, node(it->sequence), {}, {}, "CREATE SEQUENCE");
    }
    case T_AlterSeqStmt: {
      AS(AlterSeqStmt);
      if (is_temporary(it->sequence)) return kNone;
      return ddl_node(DdlVerb::alter, node(it->sequence), {}, {}, "ALTER SEQUENCE");
    }
    case T_CreateDomainStmt: {
      AS(CreateDomainStmt);
      std::vector<Ref> expressions;
      const ListCell* cell = nullptr;
      foreach (cell, it->constraints)
        if (!ddl_constraint(static_cast<const PgNode*>(lfirst(cell)), expressions)) return kNone;
      return ddl_node(DdlVerb::plain, kNone, {}, expressions, "CREATE DOMAIN");
    }
    case T_CompositeTypeStmt:
    case T_CreateEnumStmt:
    case T_AlterEnumStmt:
      return ddl_node(DdlVerb::plain, kNone, {}, {}, "CREATE TYPE");
    case T_CommentStmt: {
      AS(CommentStmt);
      return among(kCommented, it->objtype) ? ddl_node(DdlVerb::plain, kNone, {}, {}, "COMMENT") : kNone;
    }
    default:
      return kNone;
  }
}

}  // namespace pgward::policy::sql
