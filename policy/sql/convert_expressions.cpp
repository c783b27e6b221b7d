#include "policy/sql/convert.h"

namespace pgward::policy::sql {

Ref Converter::constant(const A_Const* it) {
  const Ref value = it->isnull ? kNone : leaf(&it->val.node);
  if (value != kNone) tree_.is_constant(value, it->location);
  return tree_.add(Kind::constant, {value}, {}, 0, it->location);
}

Ref Converter::leaf(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_String: {
      AS(String);
      return tree_.string(text(it->sval));
    }
    case T_Integer: {
      AS(Integer);
      return tree_.add(Kind::integer, {}, {}, it->ival);
    }
    case T_Float: {
      AS(Float);
      return tree_.add(Kind::float_, {}, text(it->fval));
    }
    case T_Boolean: {
      AS(Boolean);
      return tree_.add(Kind::boolean, {}, {}, it->boolval);
    }
    case T_BitString: {
      AS(BitString);
      return tree_.add(Kind::bit_string, {}, text(it->bsval));
    }
    case T_A_Star:
      return tree_.add(Kind::star);
    case T_A_Const: {
      AS(A_Const);
      return constant(it);
    }
    case T_ParamRef: {
      AS(ParamRef);
      return tree_.add(Kind::param, {}, {}, it->number, it->location);
    }
    case T_SetToDefault: {
      AS(SetToDefault);
      return tree_.add(Kind::set_to_default, {}, {}, 0, it->location);
    }
    case T_SQLValueFunction: {
      AS(SQLValueFunction);
      return tree_.add(Kind::sql_value, {}, {}, it->op * 100000LL + it->typmod, it->location);
    }
    case T_CurrentOfExpr: {
      AS(CurrentOfExpr);
      return tree_.add(Kind::current_of, {}, text(it->cursor_name), it->cursor_param);
    }
    default:
      return kNone;
  }
}

Ref Converter::expression(const PgNode* pointer) {
  switch (nodeTag(pointer)) {
    case T_ColumnRef: {
      AS(ColumnRef);
      return tree_.add(Kind::column_ref, {list(it->fields)}, {}, 0, it->location);
    }
    case T_A_Expr: {
      AS(A_Expr);
      return tree_.add(Kind::operator_, {list(it->name), node(it->lexpr), node(it->rexpr)}, {}, it->kind,
                       it->location);
    }
    case T_BoolExpr: {
      AS(BoolExpr);
      return tree_.add(Kind::bool_expr, {list(it->args)}, {}, it->boolop, it->location);
    }
    case T_NullTest: {
      AS(NullTest);
      return tree_.add(Kind::null_test, {node(it->arg)}, {}, it->nulltesttype, it->location);
    }
    case T_BooleanTest: {
      AS(BooleanTest);
      return tree_.add(Kind::boolean_test, {node(it->arg)}, {}, it->booltesttype, it->location);
    }
    case T_FuncCall: {
      AS(FuncCall);
      return tree_.add(
          Kind::func_call,
          {list(it->funcname), list(it->args), list(it->agg_order), node(it->agg_filter), node(it->over)}, {},
          pack({it->agg_within_group, it->agg_star, it->agg_distinct, it->func_variadic, it->funcformat}),
          it->location);
    }
    case T_SubLink: {
      AS(SubLink);
      return tree_.add(Kind::sublink, {node(it->testexpr), list(it->operName), node(it->subselect)}, {},
                       it->subLinkType, it->location);
    }
    case T_CaseExpr: {
      AS(CaseExpr);
      return tree_.add(Kind::case_, {node(it->arg), list(it->args), node(it->defresult)}, {}, 0,
                       it->location);
    }
    case T_CaseWhen: {
      AS(CaseWhen);
      return tree_.add(Kind::case_when, {node(it->expr), node(it->result)}, {}, 0, it->location);
    }
    case T_CoalesceExpr: {
      AS(CoalesceExpr);
      return tree_.add(Kind::coalesce, {list(it->args)}, {}, 0, it->location);
    }
    case T_MinMaxExpr: {
      AS(MinMaxExpr);
      return tree_.add(Kind::min_max, {list(it->args)}, {}, it->op, it->location);
    }
    case T_RowExpr: {
      AS(RowExpr);
      return tree_.add(Kind::row, {list(it->args)}, {}, it->row_format, it->location);
    }
    case T_A_ArrayExpr: {
      AS(A_ArrayExpr);
      return tree_.add(Kind::array, {list(it->elements)}, {}, 0, it->location);
    }
    case T_A_Indirection: {
      AS(A_Indirection);
      return tree_.add(Kind::indirection, {node(it->arg), list(it->indirection)});
    }
    case T_A_Indices: {
      AS(A_Indices);
      return tree_.add(Kind::indices, {node(it->lidx), node(it->uidx)}, {}, it->is_slice);
    }
    case T_TypeCast: {
      AS(TypeCast);
      return tree_.add(Kind::type_cast, {node(it->arg), node(it->typeName)}, {}, 0, it->location);
    }
    case T_TypeName: {
      AS(TypeName);
      return tree_.add(Kind::type_name, {list(it->names), list(it->typmods), list(it->arrayBounds)}, {},
                       ((std::int64_t{it->typemod} * 2) + it->setof) * 2 + it->pct_type, it->location);
    }
    case T_CollateClause: {
      AS(CollateClause);
      return tree_.add(Kind::collate, {node(it->arg), list(it->collname)}, {}, 0, it->location);
    }
    case T_XmlExpr: {
      AS(XmlExpr);
      return tree_.add(Kind::xml_expr, {list(it->named_args), list(it->arg_names), list(it->args)},
                       text(it->name), pack({it->op, it->xmloption}), it->location);
    }
    case T_XmlSerialize: {
      AS(XmlSerialize);
      return tree_.add(Kind::xml_serialize, {node(it->expr), node(it->typeName)}, {}, it->xmloption,
                       it->location);
    }
    case T_GroupingFunc: {
      AS(GroupingFunc);
      return tree_.add(Kind::grouping_func, {list(it->args)}, {}, 0, it->location);
    }
    case T_GroupingSet: {
      AS(GroupingSet);
      return tree_.add(Kind::grouping_set, {list(it->content)}, {}, it->kind, it->location);
    }
    case T_NamedArgExpr: {
      AS(NamedArgExpr);
      return tree_.add(Kind::named_arg, {node(it->arg)}, text(it->name), it->argnumber, it->location);
    }
    case T_MultiAssignRef: {
      AS(MultiAssignRef);
      // (a, b) = (SELECT ..) shares one source between its targets: it is kept under the first.
      return tree_.add(Kind::multi_assign, {it->colno == 1 ? node(it->source) : kNone}, {},
                       it->colno * 100000LL + it->ncolumns);
    }
    default:
      return kNone;
  }
}

}  // namespace pgward::policy::sql
