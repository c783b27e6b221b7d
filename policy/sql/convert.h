// The parser's structs into our tree. Only the files that convert include this.
//
// PostgreSQL's structs come in here and nowhere else, and are only read: the library's globals are
// thread-local but the server headers declare them plain, so none of its functions that touch them
// (palloc, makeNode, PG_TRY) may be called.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "policy/refusal.h"
#include "policy/sql/tree.h"

// clang-format off: postgres.h must come first
extern "C" {
#include <postgres.h>
#include <nodes/parsenodes.h>
#include <nodes/pg_list.h>
}
// clang-format on

namespace pgward::policy::sql {

using PgNode = ::Node;

// Numbers packed into TreeNode::number: flags side by side, each in bits of its own.
inline std::int64_t pack(std::initializer_list<std::int64_t> values) {
  std::int64_t packed = 0;
  for (const std::int64_t value : values) packed = packed * 256 + (value & 255);
  return packed;
}

class Converter {
 public:
  Converter(Tree& tree, unsigned depth_max) : tree_(tree), depth_max_(depth_max) {}

  void statements(const List* raw) {
    const ListCell* cell = nullptr;
    foreach (cell, raw) {
      const auto* it = static_cast<const RawStmt*>(lfirst(cell));
      const Ref body = is_select_into(it->stmt) ? select_into(it->stmt) : node(it->stmt);
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
  Ref session_statement(const PgNode* pointer);
  Ref temporary(const PgNode* pointer);
  Ref ddl(const PgNode* pointer);
  Ref ddl_create_table(const PgNode* pointer);
  Ref ddl_alter_table(const PgNode* pointer);
  Ref ddl_index(const PgNode* pointer);
  Ref ddl_rename(const PgNode* pointer);
  Ref ddl_drop(const PgNode* pointer);
  bool ddl_constraint(const PgNode* pointer, std::vector<Ref>& expressions);
  bool ddl_column(const PgNode* pointer, std::vector<Ref>& expressions);
  Ref ddl_node(DdlVerb verb, Ref relation, const std::vector<Ref>& names, const std::vector<Ref>& expressions,
               std::string_view name);
  static bool is_select_into(const PgNode* pointer);
  Ref select_into(const PgNode* pointer);
  Ref table_column(const PgNode* pointer);
  Ref constraint(const PgNode* pointer);
  Ref constant(const A_Const* it);

  Tree& tree_;
  unsigned depth_max_;
  unsigned depth_ = 0;
};

#define AS(type) const auto* it = reinterpret_cast<const type*>(pointer)

}  // namespace pgward::policy::sql
