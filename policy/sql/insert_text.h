// The parts of an INSERT in its text.
#pragma once

#include "policy/sql/layout.h"

namespace pgward::policy::sql {

struct InsertText {
  std::size_t after_target = kNowhere;   // a list of columns may be put before this token
  std::size_t columns_close = kNowhere;  // ) of the list of columns
  std::size_t source = kNowhere;         // first token of VALUES, SELECT, DEFAULT ..
  std::size_t source_end = kNowhere;
  std::size_t conflict_set = kNowhere;  // SET of DO UPDATE
  std::size_t conflict_where = kNowhere;
  std::size_t conflict_end = kNowhere;
};

InsertText insert_text(const Layout& layout, std::size_t target, bool with_columns);

// Items of each row of VALUES; empty when it does not look like that.
std::vector<std::vector<Range>> values_rows(const Layout& layout, const InsertText& text);
// SELECT words of the branches of the source, in order.
std::vector<std::size_t> select_heads(const Layout& layout, const InsertText& text);
// Items of a SELECT's list.
std::vector<Range> select_items(const Layout& layout, std::size_t select_word);
// An item without its name, with or without AS.
Range without_name(const Layout& layout, Range item, bool named);

}  // namespace pgward::policy::sql
