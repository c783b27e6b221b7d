// Rows of answers from statements.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "proxy/questions/trail_view.h"

namespace pgward::proxy {

// Who, when, from where, on what, with which outcome: {"seq","time","user","role","tenant","op","tables","phi",...,"records"}.
Json statement_row(const TrailView::Statement& statement);
Json record_row(const Json& record);

// What `touched` and changes of a record say about some pseudonyms. mode: keys, pred or empty; tables: those that name one of them.
struct Touch {
  std::string mode;
  std::set<std::string> tables;
  void add(const Touch& more);
};
Touch touch_of(const Json& record, const std::set<std::string>& hexes);

// Of an element of "changes": as it is afterwards, and as it was before it became another's.
std::vector<std::string> people_of_change(const Json& change);
std::vector<std::string> records_of_change(const Json& change);

// Everybody whom a record names, in whatever mode.
std::set<std::string> people_of(const Json& record);

// "exact", "probe", "may include": what a mode proves.
std::string label_of(std::string_view mode);

// Tables of a record with their kinds of PHI, as "R:public.patients[name,ssn]".
std::vector<std::string> tables_of(const Json& record);
std::set<std::string> phi_of(const Json& record, const std::set<std::string>& tables);
// "R", "U", ...: what was done with them.
std::string actions_of(const Json& record, const std::set<std::string>& tables);

}  // namespace pgward::proxy
