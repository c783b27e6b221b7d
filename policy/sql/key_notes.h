// What the walk of a statement notes of keys (policy/touched_keys.h), and what is made of it at the end.
//
//   begin()          before the walk: whose rows are rows of the answer. The tree is still the client's.
//   reference()      each mention of a relation
//   comparison()     each operator, while the level that its names mean is alive
//   level()          conditions of a level that hold for each of its rows; before predicates are put in
//   inserted()  assigned()   values that are written
//   added()          columns that the rewriter puts into the answer (name_records.cpp)
//   take()           the facts, at the end of the statement
//
// It decides nothing, and asks for no constant's value (Tree::look): where it is in doubt it notes less, and take() calls
// unknown what is not bounded.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/touched_keys.h"
#include "policy/sql/tree.h"

namespace pgward::policy {
struct Policy;
struct Touch;
}

namespace pgward::policy::sql {

struct Analysis;
struct Level;
struct FromItem;
struct Protection;

class KeyNotes {
 public:
  void begin(const Analysis& analysis, Ref statement);
  void reference(Ref range_var, const Protection& protection);
  void comparison(const Analysis& analysis, Ref node, const Level& level);
  void level(const Analysis& analysis, const Level& level, Ref where);
  void inserted(const Analysis& analysis, Ref insert, const Protection& protection);
  // That column of that mention is put in front of the answer, at this place.
  void added(Ref range_var, const std::string& column, std::size_t place);
  void assigned(const Analysis& analysis, Ref targets, Ref range_var, const Protection& protection);
  // Null: no table with keys is among them. Empties the notes.
  std::shared_ptr<const StatementKeys> take(const Analysis& analysis, const std::vector<Touch>& touches);

 private:
  struct Column {
    Ref item = kNone;  // range_var
    std::string name;
    auto operator<=>(const Column&) const = default;
  };
  struct Comparison {
    Column column;
    std::optional<Column> other;
    std::vector<KeySource> values;
  };
  struct Reference {
    Ref node = kNone;
    const Protection* protection = nullptr;
    bool written = false;   // INSERT: `values` are those of its rows
    std::map<std::string, std::optional<std::vector<KeySource>>> values = {};
  };

  void shown(const Analysis& analysis, Ref query, std::set<Ref>& visited);
  void shown_target(const Analysis& analysis, Ref statement, std::size_t relation, std::size_t returning);
  void shown_item(const Analysis& analysis, Ref node, std::set<Ref>& visited);
  std::optional<Column> column_of(const Analysis& analysis, Ref node, const Level& level) const;
  void hold(const Comparison& comparison, const std::set<Ref>& of);
  KeyType type_of(const Column& column) const;
  void note_certain(StatementKeys& keys) const;
  KeyPlace place_of(const Reference& reference, const std::string& column) const;
  std::optional<KeyPlace::Output> output_of(const Column& column) const;
  void add_named(const Analysis& analysis, TouchedKeys& keys) const;

  bool wanted_ = false;
  bool too_many_ = false;  // references, to be followed
  std::map<std::string, Ref, std::less<>> withs_;  // WITH queries of the statement that are read once
  Ref target_ = kNone;                             // of INSERT, UPDATE, DELETE
  std::map<std::uint32_t, std::size_t> mentions_;  // of each parameter
  std::map<Column, std::size_t> added_;            // to the front of the answer
  std::set<Ref> shown_;                            // range_vars whose rows are rows of the answer
  std::vector<Reference> references_;
  std::map<Ref, Comparison> comparisons_;          // by operator
  std::map<Column, std::vector<Column>> equal_;    // a column's value is that of another, in each row that matters
  std::map<Column, std::vector<KeySource>> bounds_;
  std::vector<Comparison> assigned_;
};

// A literal or a parameter, or nothing. `beside`: the type of the column that it is compared with or written to.
std::optional<KeySource> key_source(const Analysis& analysis, Ref node, KeyType beside);
// The values of IN (..), ANY (..).
std::optional<std::vector<KeySource>> key_list(const Analysis& analysis, Ref node, KeyType beside);

}  // namespace pgward::policy::sql
