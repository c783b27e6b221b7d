// Our own, compact form of a raw parse tree: what all of policy/sql works on.
//
// parse() (parse.h) makes one from text; the rewriter changes it in place into the tree that is wanted;
// the proof parses the rewritten text and compares. Nothing here knows PostgreSQL's structs.
//
// Nodes live in one array and name each other by index (0: none). Every kind has a fixed row of
// children, named in the enums below; what has no children stands in `number` and `text`. Comparing two
// trees is therefore one loop over kind, number, text and children, with no list of fields to forget.
//
// The tree knows of each constant of the text whether anybody has asked for its value: number(), text() and
// same() note it, wherever the constant has been copied to. A decision that never asked is the same for every
// other value (policy/sql/free_literals.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgward::policy::sql {

using Ref = std::uint32_t;
inline constexpr Ref kNone = 0;

enum class Kind : std::uint8_t {
  list,
  // values
  string,
  integer,
  float_,
  boolean,
  bit_string,
  constant,
  star,
  // expressions
  column_ref,
  param,
  operator_,
  bool_expr,
  null_test,
  boolean_test,
  func_call,
  sublink,
  case_,
  case_when,
  coalesce,
  min_max,
  row,
  array,
  indirection,
  indices,
  type_cast,
  type_name,
  collate,
  sql_value,
  xml_expr,
  xml_serialize,
  grouping_func,
  grouping_set,
  set_to_default,
  multi_assign,
  named_arg,
  current_of,
  // FROM
  range_var,
  range_subselect,
  range_function,
  range_table_func,
  range_table_func_col,
  range_sample,
  join,
  alias,
  column_def,
  // clauses
  res_target,
  with,
  cte,
  cte_search,
  cte_cycle,
  on_conflict,
  infer,
  index_elem,
  locking,
  sort_by,
  window,
  def_elem,
  // statements
  select,
  insert,
  update,
  delete_,
  merge,
  merge_when,
  transaction,
  variable_set,
  variable_show,
  discard,
  deallocate,
  copy,
  lock,
  // statements about names that live in the session
  declare_cursor,
  fetch,
  close_cursor,
  prepare,
  execute,
  explain,
  call,
  set_constraints,
  // temporary tables
  into,
  create_as,
  create_table,
  table_column,
  constraint,
  drop_table,
  truncate,
  // changes of the schema
  ddl,
  // LISTEN, UNLISTEN, NOTIFY
  channel,
  // one of the statements above, with its place in the text
  statement,
};

// Children of each kind, in order.
namespace child {
enum Select {
  s_distinct,
  s_targets,
  s_from,
  s_where,
  s_group,
  s_having,
  s_windows,
  s_values,
  s_order,
  s_offset,
  s_count,
  s_locking,
  s_with,
  s_left,
  s_right
};
enum Insert { i_relation, i_columns, i_source, i_conflict, i_returning, i_with };
enum Update { u_relation, u_targets, u_from, u_where, u_returning, u_with };
enum Delete { d_relation, d_using, d_where, d_returning, d_with };
enum Merge { m_relation, m_source, m_on, m_whens, m_with };
enum MergeWhen { mw_condition, mw_targets, mw_values };     // number: matched, MergeCommand, OVERRIDING
enum ResTarget { rt_indirection, rt_value };                // text: name
enum RangeVar { rv_catalog, rv_schema, rv_alias };          // text: name; number: 1 = children too
enum RangeSubselect { rs_query, rs_alias };                 // number: lateral
enum RangeFunction { rf_functions, rf_alias, rf_columns };  // number: lateral, ordinality, rows from
enum RangeTableFunc { tf_document, tf_row, tf_namespaces, tf_columns, tf_alias };
enum RangeSample { sa_relation, sa_method, sa_args, sa_repeatable };
enum Join { j_left, j_right, j_using, j_on, j_alias, j_using_alias };  // number: JoinType + natural
enum Alias { a_columns };                                              // text: name
enum With { w_ctes };                                                  // number: recursive
enum Cte { c_columns, c_query, c_search, c_cycle };                    // text: name
enum OnConflict { oc_infer, oc_targets, oc_where };                    // number: action
enum Infer { if_elements, if_where };                                  // text: constraint
enum Operator { o_name, o_left, o_right };                             // number: A_Expr_Kind
enum Sublink { sl_test, sl_operator, sl_query };                       // number: type
enum FuncCall { f_name, f_args, f_order, f_filter, f_over };           // number: flags
enum TypeCast { tc_arg, tc_type };
enum TypeName { tn_names, tn_typmods, tn_bounds };  // number: setof, %TYPE, typmod
enum Indirection { in_arg, in_path };
enum Case { ca_arg, ca_whens, ca_else };
enum Copy { cp_relation, cp_query, cp_columns, cp_options, cp_where };  // number: CopyFlag; text: file name
enum Lock { l_relations };                                              // number: nowait, mode
enum DeclareCursor { dc_query };                                        // text: name; number: CursorOption
enum Prepare { pr_types, pr_query };                                    // text: name
enum Execute { ex_args };                                               // text: name
enum Explain { ep_query, ep_options };
enum Into { to_relation, to_columns };              // number: ON COMMIT, WITH NO DATA
enum CreateAs { cr_query, cr_into };                // number: SELECT INTO, IF NOT EXISTS
enum CreateTable { ct_relation, ct_elements };      // number: ON COMMIT, IF NOT EXISTS
enum TableColumn { co_type, co_collation, co_constraints };  // text: name
enum Constraint { cn_expression, cn_keys };         // text: name; number: deferrable, deferred, ConstraintType
enum DropTable { dr_names };                        // lists of parts; number: behaviour, IF EXISTS
enum Truncate { tr_relations };                     // number: RESTART IDENTITY, behaviour
enum Channel { ch_payload };  // text: name, empty for UNLISTEN *; number: ChannelVerb
enum Ddl { dd_relation, dd_names, dd_expressions };  // text: for people; number: DdlVerb
}  // namespace child

enum ChannelVerb : std::int64_t { kListen, kUnlisten, kNotify };

enum class DdlVerb : std::int64_t {
  plain,   // about no relation: types, domains, comments; DROP of what is no table
  create,  // the relation is new
  alter,   // names: columns of the relation that are changed
  index,   // on the relation
  rename   // names: what the relation is called from then on
};

// Numbers that later code looks at (they are checked against PostgreSQL's in parse.cpp).
enum JoinType : std::int64_t {
  kJoinInner = 0,
  kJoinLeft = 1,
  kJoinFull = 2,
  kJoinRight = 3,
  kJoinNatural = 16
};
enum SetOperation : std::int64_t { kSetNone = 0, kSetMask = 3 };
enum OperatorKind : std::int64_t { kOperatorPlain = 0 };
enum BoolKind : std::int64_t { kBoolAnd = 0, kBoolOr = 1, kBoolNot = 2 };
enum ConflictAction : std::int64_t { kConflictNothing = 1, kConflictUpdate = 2 };
enum MergeCommand : std::int64_t { kMergeUpdate = 2, kMergeInsert = 3, kMergeDelete = 4, kMergeNothing = 7 };
enum ConstraintType : std::int64_t {
  kConstraintNull = 0,
  kConstraintNotNull = 1,
  kConstraintDefault = 2,
  kConstraintCheck = 5,
  kConstraintPrimary = 6,
  kConstraintUnique = 7
};
enum CursorOption : std::int64_t { kCursorHold = 0x20 };
enum CopyFlag : std::int64_t { kCopyFrom = 1, kCopyProgram = 2, kCopyFile = 4 };
// The strongest lock that a tenant-bound session may take on a table; the next ones stop the readers or
// the SELECT FOR UPDATE of everybody else.
enum LockMode : std::int64_t { kLockRowShare = 2, kLockShareRowExclusive = 6 };

struct TreeNode {
  Kind kind = Kind::list;
  std::uint32_t children = 0;  // first of them in Tree::links_
  std::uint32_t count = 0;
  std::int32_t at = -1;    // byte in the text, -1 when the grammar keeps none
  std::uint32_t text = 0;  // in Tree::pool_
  std::uint32_t text_size = 0;
  std::uint32_t constant = 0;  // 1 + its index in Tree::constants_; 0: no value of the client's text
  std::int64_t number = 0;
};

// A constant of the text, as the parser read it.
struct Constant {
  Ref value = kNone;
  std::int32_t at = -1;    // of a negative number: its sign
  bool visited = false;    // where the walk expects a plain value
  bool looked_at = false;  // its value
};

class Tree {
 public:
  Tree();
  Ref add(Kind kind, std::int32_t at, std::string_view text, std::int64_t number,
          std::span<const Ref> children);
  Ref add(Kind kind, std::initializer_list<Ref> children = {}, std::string_view text = {},
          std::int64_t number = 0, std::int32_t at = -1);
  Ref string(std::string_view text) { return add(Kind::string, {}, text); }
  Ref list(std::initializer_list<Ref> items) { return add(Kind::list, items); }
  Ref strings(std::initializer_list<std::string_view> items);

  Kind kind(Ref node) const { return nodes_[node].kind; }
  bool is(Ref node, Kind wanted) const { return node != kNone && nodes_[node].kind == wanted; }
  std::int32_t at(Ref node) const { return nodes_[node].at; }
  std::int64_t number(Ref node) const { return look(node), nodes_[node].number; }
  std::string_view text(Ref node) const { return look(node), text_unseen(node); }  // good until the next add()
  std::size_t count(Ref node) const { return nodes_[node].count; }  // children; 0 for kNone
  Ref child(Ref node, std::size_t index) const;
  std::span<const Ref> children(Ref node) const;

  void set(Ref node, std::size_t index, Ref value) { links_[nodes_[node].children + index] = value; }
  void set_number(Ref node, std::int64_t number) { nodes_[node].number = number; }
  // The node becomes what `by` is, in its own place in the text.
  void replace(Ref node, Ref by) {
    const std::int32_t at = nodes_[node].at;
    nodes_[node] = nodes_[by];
    nodes_[node].at = at;
  }
  // A list with one more item at the end.
  Ref appended(Ref list, Ref item);

  // The value of a constant in the text, with the place of that.
  void is_constant(Ref value, std::int32_t at);
  void visit(Ref value) const;  // see Constant::visited; what is none is ignored
  const std::vector<Constant>& constants() const { return constants_; }
  // The same as number() and text(), for those whose answer does not depend on what they see.
  std::int64_t number_unseen(Ref node) const { return nodes_[node].number; }
  std::string_view text_unseen(Ref node) const {
    return std::string_view(pool_).substr(nodes_[node].text, nodes_[node].text_size);
  }

  std::vector<Ref> statements;  // Kind::statement, one for each statement of the text

 private:
  friend void carry_looks(const Tree& from, Ref in_from, const Tree& to, Ref in_to);
  void look(Ref node) const {
    if (const std::uint32_t constant = nodes_[node].constant; constant != 0) constants_[constant - 1].looked_at = true;
  }

  std::vector<TreeNode> nodes_;
  std::vector<Ref> links_;
  std::string pool_;
  mutable std::vector<Constant> constants_;  // notes of who looked are no part of the tree's meaning
};

// Equal in everything but places in the text.
bool same(const Tree& a, Ref in_a, const Tree& b, Ref in_b);
// same() for the proof alone: of what both trees hold because the text does, any other value would be equal too.
bool same_unseen(const Tree& a, Ref in_a, const Tree& b, Ref in_b);
// Of two trees that are the same: what was looked at in `from` counts as looked at in `to`.
void carry_looks(const Tree& from, Ref in_from, const Tree& to, Ref in_to);
// For tests and for people: (select targets=(..)).
std::string dump(const Tree& tree, Ref node);

}  // namespace pgward::policy::sql
