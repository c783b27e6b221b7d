// Takes data values out of PostgreSQL's error and notice fields, and keeps what an application branches
// on: severity, SQLSTATE, and names that the catalog knows.
//
// PostgreSQL's messages are templates. A rule is keyed by SQLSTATE (and routine, field R, which SQL
// cannot set); its slots are known to be data or identifier. Data is replaced by a placeholder, an
// identifier survives only when KnownNames confirms it. A message without a rule becomes the standard
// text of its SQLSTATE (manual, Appendix A), and loses detail, hint, context and internal query. So does what the
// database's own code raises, but for the texts that the policy allows.
//
// Pure and thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/allowed_texts.h"

namespace pgward::rules {

// Fields of one ErrorResponse or NoticeResponse, in the order they came (manual, "Error and Notice
// Message Fields"): S V C M D H P p q W s t c d n F L R.
using Fields = std::vector<std::pair<char, std::string>>;

enum class NameKind { relation, column, constraint, type, function, schema, role, setting, any };

// Who knows the names of catalog objects. Answered from the catalog that the statement was decided against.
class KnownNames {
 public:
  virtual ~KnownNames() = default;
  virtual bool knows(NameKind kind, std::string_view name) const = 0;
};

// Only a Scrubber makes one, and only one of these goes to a client: nobody has to remember to scrub.
class ScrubbedFields {
 public:
  const Fields& fields() const& { return fields_; }
  Fields fields() && { return std::move(fields_); }  // so that a loop over a temporary stands
  unsigned values_removed() const { return values_removed_; }

  // An error position counts characters of what the server got: this is the one in the client's own text. 0: in none of it.
  void move_position(std::uint32_t to);

 private:
  friend class Scrubber;
  Fields fields_;
  unsigned values_removed_ = 0;
};

class Scrubber {
 public:
  Scrubber();
  ~Scrubber();
  // `allowed`: texts of the database's own code that the policy lets through.
  ScrubbedFields scrub(const Fields& fields, const KnownNames& names, const AllowedTexts* allowed = nullptr) const;

  // How often each rule was right so far, as Prometheus reads it; appended. From any thread.
  void metrics(std::string& out) const;

  // What may stay of the name of an object in a text of our own: "schema.table.column", "pg_catalog.=".
  std::string name(std::string_view text, const KnownNames& names) const;

 private:
  struct Rules;
  std::unique_ptr<const Rules> rules_;
};

// The standard condition text of an SQLSTATE ("unique_violation" -> "unique violation"); of its class
// when the code is not known; "error" at last.
std::string_view condition_text(std::string_view sqlstate);

}  // namespace pgward::rules
