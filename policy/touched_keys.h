// Where the keys of the records and patients stand that a statement touches: in columns of its answer, in literals of its
// text, in parameters. Plain data of a plan; the values are a session's to read (proxy/session/touched.h).
//
// A reference is one mention of a table in the statement. A key of it is known when each of its columns is in a column of
// the answer, or can only have one of some values that the statement names. What is not known is said to be so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "policy/catalog.h"

namespace pgward::policy {

// Types that a key's column may have; their text form is that of PostgreSQL.
enum class KeyType : std::uint8_t { int2, int4, int8, uuid, text, unsupported };
KeyType key_type(std::string_view column_type);  // as Column::type has it
// Values of the one are values of the other: integers of any size.
bool alike(KeyType a, KeyType b);

struct KeyColumn {
  std::string name;
  KeyType type = KeyType::unsupported;
  bool never_null = false;
};

// A value of a key, as the statement names it.
struct KeySource {
  enum class Kind : std::uint8_t { constant, literal, parameter };
  Kind kind = Kind::constant;
  // What it is cast to, or else what stands beside it. Of a key of another type it tells nothing: '0100'::int is 100.
  KeyType type = KeyType::unsupported;
  bool list = false;        // an array of values
  bool number = false;      // constant: a number, whose text is not always that which is written
  bool written = false;     // stored, not compared: NULL is stored too, and a column may cut blanks off
  bool certain = false;     // parameter: it is of this type wherever the statement names it; else only where the client says so
  std::uint32_t index = 0;  // literal: in Plan::key_literals; parameter: n of $n
  std::int32_t at = -1;     // constant, parameter: its place in the planned text
  std::string value;        // constant: as the parser read it

  bool operator==(const KeySource&) const = default;
};

// One column of a key of one reference.
struct KeyPlace {
  struct Output {
    Oid table = 0;            // 0: `number` is a place in the row, from 0 (StatementFacts::added_keys)
    std::int16_t number = 0;  // else the column's in its table
  };
  std::vector<Output> outputs;  // whichever of them the answer has holds it
  bool named = false;           // it is one of these and no other
  std::vector<KeySource> values;
};

struct KeyReference {
  std::vector<KeyPlace> record, subject;  // by column
};

struct TouchedKeys {
  RelationName table;  // as in Touch
  RelationName rule;   // whose rule it is: records are named under this one
  std::vector<KeyColumn> record, subject;  // empty: the policy names none
  std::vector<KeyReference> references;
  bool unknown = false;  // touched in a way that tells nothing of its keys, too
  // Values that the statement compares with keys of one column, or writes into them, whatever comes of it; without those
  // that are the only ones which the key of some reference may have.
  std::vector<KeySource> record_named, subject_named;

  bool has_keys() const { return !record.empty() || !subject.empty(); }
};

// All protected tables of a statement.
using StatementKeys = std::vector<TouchedKeys>;

// Each source of values in them.
template <class Keys, class See>
void for_each_source(Keys& keys, See see) {
  for (auto& table : keys) {
    for (auto& reference : table.references)
      for (auto* key : {&reference.record, &reference.subject})
        for (auto& place : *key)
          for (auto& source : place.values) see(source);
    for (auto* named : {&table.record_named, &table.subject_named})
      for (auto& source : *named) see(source);
  }
}

}  // namespace pgward::policy
