// Statements about names that live in the session: cursors, prepared statements; and what wraps a statement.
#include "policy/sql/convert.h"

namespace pgward::policy::sql {

Ref Converter::session_statement(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_DeclareCursorStmt: {
      AS(DeclareCursorStmt);
      return tree_.add(Kind::declare_cursor, {node(it->query)}, text(it->portalname), it->options);
    }
    case T_FetchStmt: {
      AS(FetchStmt);
      const Ref how_many = tree_.add(Kind::integer, {}, {}, it->howMany);
      return tree_.add(Kind::fetch, {how_many}, text(it->portalname), pack({it->direction, it->ismove}));
    }
    case T_ClosePortalStmt: {
      AS(ClosePortalStmt);
      return tree_.add(Kind::close_cursor, {}, text(it->portalname), it->portalname == nullptr);
    }
    case T_PrepareStmt: {
      AS(PrepareStmt);
      return tree_.add(Kind::prepare, {list(it->argtypes), node(it->query)}, text(it->name));
    }
    case T_ExecuteStmt: {
      AS(ExecuteStmt);
      return tree_.add(Kind::execute, {list(it->params)}, text(it->name));
    }
    case T_ExplainStmt: {
      AS(ExplainStmt);
      return tree_.add(Kind::explain, {node(it->query), list(it->options)});
    }
    case T_CallStmt: {
      AS(CallStmt);
      return tree_.add(Kind::call, {node(it->funccall)});
    }
    case T_ConstraintsSetStmt: {
      AS(ConstraintsSetStmt);
      std::vector<Ref> names;
      const ListCell* cell = nullptr;
      foreach (cell, it->constraints) {
        const auto* name = static_cast<const RangeVar*>(lfirst(cell));
        names.push_back(string(name->catalogname));
        names.push_back(string(name->schemaname));
        names.push_back(string(name->relname));
      }
      return tree_.add(Kind::set_constraints, -1, {}, it->deferred, names);
    }
    default:
      return kNone;
  }
}

}  // namespace pgward::policy::sql
