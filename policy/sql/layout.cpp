#include "policy/sql/layout.h"

#include <algorithm>

namespace pgward::policy::sql {
namespace {

bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

}  // namespace

Layout::Layout(std::string_view sql) : sql_(sql) {
  Lexed lexed = lex(sql);
  tokens_ = std::move(lexed.tokens);
  comment_depth_ = lexed.comment_depth;
  operator_run_ = lexed.operator_run;
  match_.assign(tokens_.size(), kNowhere);
  outer_.assign(tokens_.size(), kNowhere);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if ((is(i, ')') || is(i, ']')) && !open.empty()) {
      match_[i] = open.back();
      match_[open.back()] = i;
      open.pop_back();
    }
    outer_[i] = open.empty() ? kNowhere : open.back();
    if (is(i, '(') || is(i, '[')) open.push_back(i);
    parenthesis_depth_ = std::max(parenthesis_depth_, open.size());
  }
}

std::size_t Layout::begin_of(std::size_t index) const {
  return index < tokens_.size() ? tokens_[index].at : sql_.size();
}

std::size_t Layout::first_from(std::int64_t byte) const {
  const auto it = std::lower_bound(tokens_.begin(), tokens_.end(), byte,
                                   [](const Token& token, std::int64_t wanted) { return token.at < wanted; });
  return static_cast<std::size_t>(it - tokens_.begin());
}

std::size_t Layout::at(std::int64_t byte) const {
  const auto it = std::lower_bound(tokens_.begin(), tokens_.end(), byte,
                                   [](const Token& token, std::int64_t wanted) { return token.at < wanted; });
  if (it == tokens_.end() || it->at != byte) return kNowhere;
  return static_cast<std::size_t>(it - tokens_.begin());
}

bool Layout::is(std::size_t index, char punctuation) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::punctuation &&
         sql_[tokens_[index].at] == punctuation;
}

bool Layout::operator_is(std::size_t index, std::string_view symbol) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::operator_ && text(index) == symbol;
}

// t.limit is a column: a word after a dot is never a keyword.
bool Layout::word(std::size_t index, std::string_view lower) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::word &&
         equals_lower(text(index), lower) && !(index > 0 && is(index - 1, '.'));
}

std::size_t Layout::next(std::size_t index) const {
  if ((is(index, '(') || is(index, '[')) && match_[index] != kNowhere) return match_[index] + 1;
  return index + 1;
}

std::size_t Layout::previous(std::size_t index) const {
  if (index == 0 || index == kNowhere) return kNowhere;
  --index;
  if (is(index, '(') || is(index, '[') || is(index, ';')) return kNowhere;
  if ((is(index, ')') || is(index, ']')) && match_[index] != kNowhere) return match_[index];
  return index;
}

std::size_t Layout::statements() const {
  return 1 + static_cast<std::size_t>(std::count_if(tokens_.begin(), tokens_.end(), [&](const Token& token) {
           return token.kind == TokenKind::punctuation && sql_[token.at] == ';';
         }));
}

bool Layout::ends_scope(std::size_t index) const {
  return index >= tokens_.size() || is(index, ')') || is(index, ']') || is(index, ';');
}

bool Layout::clause_from(std::size_t index) const {
  return word(index, "from") && !(index > 0 && (word(index - 1, "distinct") || word(index - 1, "rows")));
}

bool Layout::on_conflict(std::size_t index) const {
  return word(index, "on") && word(index + 1, "conflict") &&
         (is(index + 2, '(') || word(index + 2, "do") || word(index + 2, "on"));
}

bool Layout::ends_where(std::size_t index) const {
  if (ends_scope(index)) return true;
  if (tokens_[index].kind != TokenKind::word) return false;
  if (word(index, "group")) return index == 0 || !word(index - 1, "within");
  for (const std::string_view end : {"having", "window", "order", "limit", "offset", "fetch", "for", "union",
                                     "intersect", "except", "returning"})
    if (word(index, end)) return true;
  // CREATE TABLE .. AS query WITH [NO] DATA
  if (word(index, "with") && (word(index + 1, "data") || (word(index + 1, "no") && word(index + 2, "data")))) return true;
  return on_conflict(index);
}

bool Layout::ends_from(std::size_t index) const {
  return ends_where(index) || word(index, "where");
}

LevelText Layout::finish_level(LevelText level, std::size_t from) const {
  std::size_t i = from;
  while (!ends_from(i)) i = next(i);
  level.from_end = i;
  if (word(i, "where")) {
    level.where = i;
    i = next(i);
    while (!ends_where(i)) i = next(i);
    level.where_end = i;
  }
  return level;
}

// ((a JOIN b)), ((SELECT ..) x JOIN b), but not ((SELECT ..)) and not ((SELECT ..) UNION ..).
bool Layout::holds_join(std::size_t open) const {
  std::size_t inside = open + 1;
  while (is(inside, '(')) {
    const std::size_t behind = next(inside);
    if (!ends_scope(behind)) return !ends_where(behind);
    ++inside;
  }
  return !word(inside, "select") && !word(inside, "with") && !word(inside, "values") && !word(inside, "table");
}

// ( before a join, not before a sub-select, arguments or a list of columns.
bool Layout::join_parenthesis(std::size_t open) const {
  if (open == 0 || !holds_join(open)) return false;
  const std::size_t before = open - 1;
  return clause_from(before) || word(before, "join") || is(before, ',') || word(before, "using") ||
         (is(before, '(') && join_parenthesis(before));
}

LevelText Layout::select_level(std::size_t name) const {
  LevelText level;
  std::size_t i = name;
  while (i != kNowhere) {
    const std::size_t before = previous(i);
    if (before == kNowhere) {
      const std::size_t open = outer_[i];
      if (open == kNowhere || !join_parenthesis(open)) return level;
      i = open;
      continue;
    }
    if (clause_from(before) || word(before, "table")) {
      level.from = before;
      return finish_level(level, before + 1);
    }
    i = before;
  }
  return level;
}

LevelText Layout::output_level(std::size_t output) const {
  LevelText level;
  std::size_t i = output;
  while (!ends_from(i) && !clause_from(i)) i = next(i);
  if (clause_from(i)) level.from = i++;
  return finish_level(level, i);
}

LevelText Layout::target_level(std::size_t name) const {
  LevelText level;
  const std::size_t from = find(name, [&](std::size_t i) {
    return clause_from(i) || word(i, "using") || word(i, "where") || word(i, "returning");
  });
  if (from == kNowhere || word(from, "where") || word(from, "returning")) return finish_level(level, name);
  level.from = from;
  return finish_level(level, from + 1);
}

bool Layout::starts_join(std::size_t index) const {
  if (word(index, "join") || word(index, "natural")) return true;
  if (word(index, "inner") || word(index, "cross")) return word(index + 1, "join");
  if (word(index, "left") || word(index, "right") || word(index, "full"))
    return word(index + 1, "join") || word(index + 1, "outer");
  return false;
}

bool Layout::join_without_condition(std::size_t i) const {
  return i > 0 && (word(i - 1, "cross") || word(i - 1, "natural") || (i > 1 && word(i - 2, "natural")) ||
                   (i > 2 && word(i - 3, "natural")));
}

bool Layout::collect_joins(std::size_t first, std::size_t last, std::vector<JoinText>& out) const {
  std::vector<std::size_t> open;  // joins that still wait for their ON
  for (std::size_t i = first; i < last; i = next(i)) {
    if (is(i, '(') && join_parenthesis(i)) {
      if (match_[i] == kNowhere || !collect_joins(i + 1, match_[i], out)) return false;
    } else if (word(i, "join")) {
      if (!join_without_condition(i)) open.push_back(out.size());
      out.push_back({i, kNowhere, kNowhere});
    } else if (word(i, "on") || word(i, "using")) {
      if (open.empty()) return false;
      JoinText& join = out[open.back()];
      open.pop_back();
      if (word(i, "using")) continue;
      join.on = i;
      std::size_t end = i + 1;
      while (end < last && !starts_join(end) && !is(end, ',') && !word(end, "on") && !word(end, "using"))
        end = next(end);
      join.on_end = end;
      i = end - 1;
      if (is(i, ')') || is(i, ']')) i = match_[i];
    } else if (is(i, ',')) {
      if (!open.empty()) return false;
    }
  }
  return open.empty();
}

bool Layout::joins(const LevelText& level, std::vector<JoinText>& out) const {
  if (level.from == kNowhere) return true;
  return collect_joins(level.from + 1, level.from_end, out);
}

Range Layout::relation_name(std::size_t name) const {
  Range range{name, name + 1};
  while (is(range.last, '.')) range.last += 2;
  if (word(range.last, "uescape")) range.last += 2;
  if (operator_is(range.last, "*")) ++range.last;
  if (range.first > 0 && word(range.first - 1, "only")) --range.first;
  return range;
}

std::vector<Range> Layout::split(std::size_t first, std::size_t last) const {
  std::vector<Range> items;
  std::size_t start = first;
  for (std::size_t i = first; i < last; i = next(i)) {
    if (!is(i, ',')) continue;
    items.push_back({start, i});
    start = i + 1;
  }
  if (start < last || !items.empty()) items.push_back({start, last});
  return items;
}

}  // namespace pgward::policy::sql
