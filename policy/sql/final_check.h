// The second half of the proof: looks at a finished tree alone. Simple and strict on purpose; it does not
// ask how a predicate came to be where it is, only whether it is somewhere where it counts.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/plan.h"
#include "policy/sql/mask.h"
#include "policy/sql/tree.h"

namespace pgward::policy::sql {

class FinalCheck {
 public:
  FinalCheck(const Tree& tree, const Policy& policy, const Role& role, const Catalog& catalog, const Plan& plan)
      : tree_(tree), policy_(policy), role_(role), catalog_(catalog), plan_(plan) {}
  // `facts` are those of this statement.
  bool statement(Ref node, const StatementFacts& facts);

 private:
  using Names = std::vector<std::string>;  // WITH queries that can be seen here
  using Filters = std::vector<Ref>;        // conditions that every row of an item must pass
  struct Needed {
    std::string column;
    std::size_t attribute;
  };

  // One relation, sub-select or WITH query of a level, and how columns of it are named.
  struct Source {
    std::vector<std::string> fields;
    const Relation* relation;  // null: a sub-select, a WITH query, a join with an alias
    Ref node;
  };
  using Scope = std::vector<Source>;
  // Puts a level on top of scopes_, for as long as the walk is inside.
  class Inside {
   public:
    explicit Inside(FinalCheck& check) : check_(check), scopes_(check.scopes_.size()), ctes_(check.ctes_.size()) {}
    ~Inside() {
      check_.scopes_.resize(scopes_);
      check_.ctes_.resize(ctes_);
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    FinalCheck& check_;
    std::size_t scopes_;
    std::size_t ctes_;
  };

  // A name in ON means an item of its own join, or of an outer level: the innermost scope is those, meanwhile.
  class InsideJoin {
   public:
    InsideJoin(FinalCheck& check, Ref join) : check_(check), level_(std::move(check.scopes_.back())) {
      check.scopes_.back().clear();
      check.sources(check.tree_.child(join, child::j_left), check.scopes_.back());
      check.sources(check.tree_.child(join, child::j_right), check.scopes_.back());
    }
    ~InsideJoin() { check_.scopes_.back() = std::move(level_); }
    InsideJoin(const InsideJoin&) = delete;
    InsideJoin& operator=(const InsideJoin&) = delete;

   private:
    FinalCheck& check_;
    Scope level_;
  };

  bool added_keys(Ref node);
  bool is_added_key(Ref target, const AddedKey& key, const Scope& scope) const;
  bool rule_names_key(const Relation& relation, const std::string& column) const;
  bool groups(Ref root) const;
  bool walk(Ref node, const Names& names);
  bool all_children(Ref node, const Names& names);
  bool with(Ref node, Names& names);
  bool select(Ref node, Names names);
  bool update(Ref node, Names names);
  bool delete_(Ref node, Names names);
  bool insert(Ref node, Names names);
  bool merge(Ref node, Names names);
  bool copy(Ref node, const Names& names);
  bool copy_from(Ref node, const Names& names);
  bool lock(Ref node) const;
  bool cursor_known(Ref current_of, Ref range_var) const;
  bool temporary(Ref node, const Names& names);
  bool ddl(Ref node, const Names& names);
  bool holds_query(Ref root) const;
  bool from(Ref node, const Filters& filters, const Names& names);
  bool relation(Ref range_var, const Filters& filters, const Names& names);
  bool target(Ref range_var, const Filters& filters);

  const Relation* named(Ref range_var) const;
  std::vector<Needed> needed(const Relation& relation) const;
  std::vector<Needed> tenant_columns(const Relation& relation) const;
  bool readable(const Relation& relation) const;
  bool writable(const Relation& relation) const;
  bool filtered(Ref range_var, const Relation& relation, const Needed& needed, const Filters& filters) const;
  bool is_predicate(Ref node, const std::vector<std::string>& fields, const Needed& needed) const;
  bool is_own_literal(Ref node, std::size_t attribute) const;
  void conjuncts(Ref node, Filters& out) const;

  bool assignments(Ref targets, const Relation& relation, Ref source_level) const;
  bool conflict(Ref node, Ref range_var, const Relation& relation) const;
  bool merge_row(Ref merge, Ref when, const Relation& relation, const Needed& needed) const;
  void sources(Ref node, Scope& out) const;
  bool open_to_conditions(Ref root) const;
  bool guarded(const Source& source, const Filters& guards) const;
  bool column_guarded(Ref column_ref, const Filters& guards, bool having) const;
  bool conjunct_fenced(Ref node, bool having) const;
  bool condition_fenced(Ref condition, bool having) const;
  bool joins_fenced(Ref node);
  bool fenced(Ref target, Ref from, Ref where, Ref having);

  const Relation* behind_star(Ref subselect) const;
  const ColumnRules& rules(const Relation& relation) const;
  const Relation* ruled(Ref column_ref, std::string& column) const;
  bool is_mask(Ref node) const;
  bool masked(Ref node);
  void open_output_names(Ref list, Ref targets);
  bool using_open(Ref join) const;

  bool position_of(Ref columns, const Relation& relation, const Needed& needed, std::size_t& position) const;
  bool rows(Ref source, Ref columns, const Relation& relation, const Needed& needed) const;
  bool value(Ref node, const Relation& relation, const Needed& needed, Ref leaf) const;
  bool checked_later(Ref node, const Relation& relation, const Needed& needed) const;
  bool is_guard(Ref node, std::size_t attribute) const;
  bool always_fails(Ref node) const;
  bool own_column(Ref node, Ref leaf, const Needed& needed) const;
  bool plain_star_has(Ref subselect, const Needed& wanted, std::string_view column) const;
  bool from_has(Ref node, const Needed& needed, std::string_view column) const;
  bool default_is_own(const Relation& relation, const Needed& needed) const;

  const Tree& tree_;
  const Policy& policy_;
  const Role& role_;
  const Catalog& catalog_;
  const Plan& plan_;
  std::vector<Scope> scopes_ = {};  // of the levels around the walk; innermost last
  std::vector<Ref> ctes_ = {};
  mutable std::map<std::string, Relation> temporary_ = {};
  const StatementFacts* facts_ = nullptr;
  const std::vector<BindCheck>* bind_checks_ = nullptr;  // that hold for the statement at hand
  std::set<Ref> open_ = {};  // references that are no ruled columns, though they look like it
  mutable std::map<const Relation*, ColumnRules> rules_ = {};
};

}  // namespace pgward::policy::sql
