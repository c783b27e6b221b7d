// The parts of a MERGE in its text.
#pragma once

#include "policy/sql/layout.h"

namespace pgward::policy::sql {

struct MergeAction {
  std::size_t when = kNowhere;  // the word WHEN
  std::size_t then = kNowhere;  // its THEN
  std::size_t end = kNowhere;   // the next WHEN, or the end of the statement
};

struct MergeText {
  std::size_t source = kNowhere;  // the word USING
  std::size_t on = kNowhere;
  std::vector<MergeAction> actions;
};

MergeText merge_text(const Layout& layout, std::size_t target);

struct MergeInsertText {
  std::size_t insert = kNowhere;         // the word INSERT
  std::size_t columns_close = kNowhere;  // ) of the list of columns
  std::size_t source = kNowhere;         // VALUES or DEFAULT
  std::vector<Range> values;
};

MergeInsertText merge_insert_text(const Layout& layout, const MergeAction& action);

}  // namespace pgward::policy::sql
