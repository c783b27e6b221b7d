#include "rules/log/pg_message.h"

#include <functional>
#include <utility>

#include "rules/log/bytes.h"
#include "rules/name_text.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kRememberedMax = 4096;
constexpr std::size_t kRememberedBytesMax = 512;
constexpr std::size_t kFixedBytesMin = 12;  // of a template, to be recognised anywhere
constexpr std::size_t kTemplateBytesMax = 65536;

char letter(LogField field) {
  switch (field) {
    case LogField::detail:
      return 'D';
    case LogField::hint:
      return 'H';
    case LogField::context:
      return 'W';
    default:
      return 'M';
  }
}

// "Process 4711: SELECT ...", 'SQL statement "SELECT ...': where the SQL begins, npos when there is none.
std::size_t sql_of_context(std::string_view text) {
  // the first letters of all that is asked for below
  if (text.empty() || std::string_view{"SPrQqp"}.find(text.front()) == std::string_view::npos) {
    const auto early = text.substr(0, 255 + 5).find("$1 = ");
    return early;
  }
  for (std::string_view front : {"SQL statement \"", "PL/pgSQL assignment \"", "SQL expression \"",
                                 "PL/pgSQL expression \"", "remote SQL command: ", "Query Text: ", "query: "})
    if (text.starts_with(front)) return front.size();
  const auto parameters = text.find("$1 = ");
  if (parameters != text.npos && parameters < 256) return parameters;
  if (text.starts_with("Process ")) {
    const auto end = bytes::run(text, 8, bytes::digit);
    if (end > 8 && text.substr(end).starts_with(": ")) return end + 2;
  }
  return text.npos;
}

bool is_plan_line(std::string_view text) {
  return text.find("(cost=") != text.npos || text.find("(actual ") != text.npos;
}

}  // namespace

// What stands for a value: its kind, as far as its shape or its column tells.
class PgMessage::Slots : public SlotText {
 public:
  Slots(PgMessage& message, std::string& text) : message_(message), text_(text) {}

  std::string removed(Slot slot, std::string_view value) override {
    text_.clear();
    Sink::Aside aside{message_.sink_, text_, value};
    if (slot == Slot::key) {
      key(value);
    } else if (slot == Slot::row) {
      row(value);
    } else {
      message_.sink_.remove("PostgreSQL message",
                            slot >= Slot::relation ? "identifier" : kind_of_value(value), value);
    }
    return text_;
  }

 private:
  // "(4711, Quillon, null)": what is null says nothing, and shows which column is which.
  void row(std::string_view value) {
    if (value.size() < 2) return in_parentheses("row", value);
    auto rest = value.substr(1, value.size() - 2);
    message_.sink_.keep('(');
    while (true) {
      const auto end = rest.find(", ");
      const auto column = rest.substr(0, end);
      if (column == "null")
        message_.sink_.keep(column);
      else
        message_.sink_.remove("PostgreSQL message", kind_of_value(column), column);
      if (end == rest.npos) break;
      message_.sink_.keep(", ");
      rest.remove_prefix(end + 2);
    }
    message_.sink_.keep(')');
  }

  void in_parentheses(std::string_view kind, std::string_view value) {
    message_.sink_.keep('(');
    message_.sink_.remove("PostgreSQL message", kind,
                          value.substr(1, value.size() > 2 ? value.size() - 2 : 0));
    message_.sink_.keep(')');
  }

  // "(ssn)=(915-77-1931)": the column says what it is.
  void key(std::string_view value) {
    const auto at = std::min(value.find(")=("), value.find(") = ("));
    if (!value.starts_with('(') || at == value.npos) return in_parentheses("key", value);
    const auto columns = value.substr(1, at - 1);
    const auto equals = value.substr(at, value.substr(at).starts_with(")=(") ? 3 : 5);
    const auto values = value.substr(at + equals.size());
    Sink& sink = message_.sink_;
    sink.keep('(');
    if (are_known_columns(message_.known_, columns))
      sink.keep(columns);
    else
      sink.remove("PostgreSQL message", "identifier", columns);
    sink.keep(equals);
    const auto bare = values.substr(0, values.ends_with(')') ? values.size() - 1 : values.size());
    const auto kind = message_.names_.kind_of(columns);
    sink.remove("PostgreSQL message", kind.empty() ? kind_of_value(bare) : kind, bare);
    sink.keep(')');
  }

  PgMessage& message_;
  std::string& text_;
};

PgBooks::PgBooks(LogRules& rules) {
  const auto add = [&](std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const auto end = bytes::run(text, at, bytes::lower | bytes::upper | bytes::high);
      if (end - at >= 2 && end - at <= 32)
        rules.add_common_word(bytes::Lower{text.substr(at, end - at)}.view());
      at = std::max(end, at + 1);
    }
  };
  for (const Rule& rule : book.rules())
    for (const auto& piece : rule.text.fixed()) add(piece);
}

PgMessage::PgMessage(const LogRules& rules, const PgBooks& books, PlainText& plain, Sink& sink, bool remember)
    : books_(books),
      allowed_(rules.allowed_texts()),
      plain_(plain),
      sink_(sink),
      sql_(rules, books.vocabulary, sink),
      names_(rules),
      known_(books.vocabulary, names_),
      remembered_(remember ? kRememberedMax : 0) {}

void PgMessage::write(LogField field, std::string_view severity, std::string_view sqlstate,
                      std::string_view text) {
  sql_state_.clear();
  const auto line_end = text.find('\n');
  if (line_end != text.npos && field != LogField::statement) {
    write(field, severity, sqlstate, text.substr(0, line_end));
    while (!text.empty()) {
      const auto begin = std::min(text.find('\n'), text.size() - 1) + 1;
      text.remove_prefix(begin);
      sink_.keep('\n');
      const auto end = text.find('\n');
      go_on(text.substr(0, end));
      if (end == text.npos) return;
    }
    return;
  }
  field_ = letter(field);
  rest_ = Rest::lines;
  if (field == LogField::location) return sink_.keep(text);
  if (field == LogField::statement) return statement(text, 0);
  const bool log = field == LogField::message && books_.texts.is_log_severity(severity);
  const auto sql = field == LogField::message ? books_.texts.sql_in(text) : sql_of_context(text);
  if (sql != text.npos && (log || field != LogField::message)) {
    if (field == LogField::message)
      statement(text, sql);
    else
      from_sql(text, sql);
    if (text.ends_with("  plan:")) rest_ = Rest::plan;
    return;
  }
  const auto suffix = field == LogField::message ? books_.texts.position_suffix(text) : 0;
  write_message(field_, log, sqlstate, text.substr(0, text.size() - suffix));
  sink_.keep(text.substr(text.size() - suffix));
}

void PgMessage::from_sql(std::string_view text, std::size_t at) {
  rest_ = Rest::sql;
  sink_.pass(text.substr(0, at));
  sql_.write(text.substr(at), sql_state_);
}

void PgMessage::statement(std::string_view text, std::size_t at) {
  const auto sql = text.substr(at);
  // Only a statement with parameters is the same the next time.
  if (remembered_.empty() || sql.size() > kRememberedBytesMax || sql.find('$') == sql.npos) return from_sql(text, at);
  rest_ = Rest::sql;
  sink_.pass(text.substr(0, at));
  prepared(sql);
}

// What came of a statement is kept when it comes for the second time, and left nothing open.
void PgMessage::prepared(std::string_view sql) {
  const auto hash = std::hash<std::string_view>{}(sql);
  if (seen_.empty()) seen_.resize(kRememberedMax);
  Remembered& slot = remembered_[hash % kRememberedMax];
  if (slot.key.size() == sql.size() + 1 && slot.key.front() == 'S' && sql == std::string_view{slot.key}.substr(1))
    return sink_.keep(slot.out);
  const bool again = std::exchange(seen_[hash % kRememberedMax], hash) == hash;
  if (!again) return sql_.write(sql, sql_state_);
  std::string out;
  {
    Sink::Aside aside{sink_, out, sql};
    sql_.write(sql, sql_state_);
  }
  sink_.keep(out);
  if (sql_state_.at_rest()) slot = Remembered{"S" + std::string{sql}, std::move(out), true};
}

void PgMessage::write_message(char field, bool log, std::string_view sqlstate, std::string_view text) {
  if (log) return plain_.write(text);
  key_.assign(1, field).append(sqlstate).append(text);
  remember(text, [&] {
    if (!render(field, sqlstate, text) && !write_allowed(sqlstate, text) && !write_open(field, text)) plain_.write_unknown(text);
    return rest_ == Rest::removed ? Kept::not_at_all : Kept::written;
  });
}

// Logs say the same again and again: what came of a text (under key_) is kept for the next time. What is
// written by `make` depends on nothing but the key.
template <class Make>
bool PgMessage::remember(std::string_view text, Make make) {
  if (remembered_.empty() || text.size() > kRememberedBytesMax) return make() != Kept::unknown;
  Remembered& slot = remembered_[std::hash<std::string_view>{}(key_) % kRememberedMax];
  if (slot.key != key_) {
    std::string out;
    auto kept = Kept::unknown;
    {
      Sink::Aside aside{sink_, out, text};
      kept = make();
    }
    if (kept == Kept::not_at_all) {  // more than the text came of it
      sink_.keep(out);
      return true;
    }
    slot = Remembered{key_, std::move(out), kept == Kept::written};
  }
  if (slot.known) sink_.keep(slot.out);
  return slot.known;
}

bool PgMessage::render(char field, std::string_view sqlstate, std::string_view text) {
  if (text.empty()) return true;
  if (text.size() > kTemplateBytesMax) return false;
  std::string in_place;
  Slots slots{*this, in_place};
  Renderer renderer{books_.book, known_, &slots};
  auto out = renderer.message(field, sqlstate.empty() ? "?" : sqlstate, text);
  // The SQLSTATE of a RAISE is anything, and so is that of an older server.
  if (!out && !sqlstate.empty()) out = renderer.message(field, "?", text);
  if (out) sink_.keep(*out);
  return out.has_value();
}

// Of the database's own code, with words that the policy allows.
bool PgMessage::write_allowed(std::string_view sqlstate, std::string_view text) {
  std::string in_place;
  Slots slots{*this, in_place};
  const auto kept = allowed_.keep(sqlstate.empty() ? "?" : sqlstate, text, &slots);
  if (kept) sink_.keep(kept->text);
  return kept.has_value();
}

// A value with a line break: the message ends on another line, and nobody knows on which.
bool PgMessage::write_open(char field, std::string_view text) {
  const Rule* rule = books_.book.find_front(field, text);
  if (rule == nullptr) return false;
  const auto front = rule->text.fixed().front().size();
  sink_.keep(text.substr(0, front));
  sink_.remove("PostgreSQL message", "text", text.substr(front));
  rest_ = Rest::removed;
  return true;
}

void PgMessage::go_on(std::string_view text) {
  if (rest_ == Rest::sql && !is_plan_line(text)) return sql_.write(text, sql_state_);
  if (rest_ == Rest::removed) return sink_.remove("PostgreSQL message", "text", text);
  const auto begin = bytes::run(text, 0, bytes::space);
  sink_.keep(text.substr(0, begin));
  text.remove_prefix(begin);
  if (text.empty()) return;
  if (rest_ == Rest::plan || is_plan_line(text)) return write_plan_line(text);
  const auto sql = sql_of_context(text);
  if (sql != text.npos) return from_sql(text, sql);
  key_.assign(1, '+').append(1, field_).append(text);
  const bool known = remember(text, [&] {
    for (const char field : {field_, 'W', 'D'})
      if (render(field, "?", text)) return Kept::written;
    return Kept::unknown;
  });
  if (known) return;
  if (rest_ == Rest::lines) return plain_.write_unknown(text);
  sql_.write(text, sql_state_);
}

// "Seq Scan on patients p  (cost=0.00..35.50 rows=10 width=4)", "Filter: (ssn = '...'::text)".
void PgMessage::write_plan_line(std::string_view text) {
  rest_ = Rest::plan;
  sql_state_.clear();
  const auto figures = std::min({text.find("  (cost="), text.find(" (actual "), text.size()});
  const auto colon = text.find(": ");
  const bool literal = text.substr(0, figures).find_first_of("'(") != text.npos;
  if (colon != text.npos && !literal) {
    plain_.write(text.substr(0, figures));
  } else {
    sql_.write(text.substr(0, figures), sql_state_);
  }
  sink_.keep(text.substr(figures));
  if (sql_state_.within != SqlText::Within::code) rest_ = Rest::sql;
}

bool PgMessage::write_if_known(std::string_view text) {
  key_.assign(1, '?').append(text);
  return remember(text, [&] {
    for (const char field : {'M', 'D'}) {
      const auto match = books_.book.find(field, "?", text);
      if (match.rule != nullptr && match.rule->text.fixed_bytes() >= kFixedBytesMin)
        return render(field, "?", text) ? Kept::written : Kept::unknown;
    }
    return Kept::unknown;
  });
}

}  // namespace pgward::rules
