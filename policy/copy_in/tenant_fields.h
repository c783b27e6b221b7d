// The tenant fields of the row at hand: gathers their bytes as they come, and compares each with the
// caller's own value. A NULL is nobody's, hence foreign; so is what is not of the column's type.
//
//   begin_row(); for every field: add() its bytes, then end_field(). decided() is true from the moment on
//   at which nothing in the rest of the row can make it another tenant's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/copy_in/copy_in.h"
#include "policy/plan.h"

namespace pgward::policy {

class TenantFields {
 public:
  TenantFields(const CopyIn& copy, const TenantValues& own);

  void begin_row() {
    field_ = 0;
    next_ = 0;
    raw_.clear();
  }
  bool decided() const { return next_ == tenant_.size(); }
  // The field at hand carries a tenant: its bytes are wanted.
  bool wanted() const { return !decided() && tenant_[next_].field == field_; }

  // Raw bytes as on the wire, without delimiters. False: longer than any tenant's value.
  bool add(std::string_view bytes);
  bool add(char byte) { return add(std::string_view(&byte, 1)); }
  // False: the field is not the caller's own.
  bool end_field() {
    const bool good = !wanted() || own();
    ++field_;
    return good;
  }
  // The same for a binary field; `null` when it is NULL.
  bool end_binary_field(bool null);

 private:
  struct Wanted {
    std::size_t field;
    TenantType type;
    std::string own;  // canonical; never empty
    bool known;
  };
  bool own();
  bool matches(const std::optional<std::string>& value);

  CopyFormat format_;
  char quote_, escape_;
  std::string null_marker_;
  std::optional<std::string> default_marker_;
  std::vector<Wanted> tenant_;
  std::size_t field_ = 0;  // of the row
  std::size_t next_ = 0;   // of tenant_
  std::string raw_;
};

// A field's value as the server reads it (CopyReadAttributesText, CopyReadAttributesCSV in
// copyfromparse.c).
std::string copy_text_value(std::string_view raw);
std::string copy_csv_value(std::string_view raw, char quote, char escape);

}  // namespace pgward::policy
