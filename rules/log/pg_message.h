// Fields of the server's own log entries: templates for its messages, SQL for its statements.
//
// One field with write(); the lines of it that come behind (stderr, csvlog) with go_on(), as long as no
// new field begins.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "rules/log/log_names.h"
#include "rules/log/plain_text.h"
#include "rules/log/sql_text.h"
#include "rules/renderer.h"
#include "rules/rulebook.h"

namespace pgward::rules {

enum class LogField { message, detail, hint, context, statement, location };

// The words around fields, in every language of the server; from rules/packs/log_texts.rules.
class LogTexts {
 public:
  LogTexts();
  // The field that a label ("DETAIL", "ZUSAMMENHANG") stands for; nullptr when it is none.
  const LogField* label(std::string_view word) const { return labels_.get(word); }
  bool is_log_severity(std::string_view word) const { return log_severities_.contains(word); }
  bool is_severity(std::string_view word) const { return severities_.contains(word); }

  // Where SQL begins in a message of log_statement and its kin; npos when it is none.
  std::size_t sql_in(std::string_view text) const;
  // How many bytes at its end say at which character of the statement the error is.
  std::size_t position_suffix(std::string_view text) const;

 private:
  WordMap<LogField> labels_;
  WordSet log_severities_, severities_;
  // By their first byte: there is one for each language of the server.
  std::array<std::vector<std::string_view>, 256> statements_, durations_;
  std::vector<std::pair<std::string_view, std::string_view>> positions_;
};

// What does not change: shared by all filters.
struct PgBooks {
  explicit PgBooks(LogRules& rules);  // adds the words of PostgreSQL's messages to the common ones
  Rulebook book;
  Vocabulary vocabulary;
  LogTexts texts;
};

class PgMessage {
 public:
  PgMessage(const LogRules& rules, const PgBooks& books, PlainText& plain, Sink& sink, bool remember);

  void write(LogField field, std::string_view severity, std::string_view sqlstate, std::string_view text);
  void go_on(std::string_view text);
  void forget() {
    rest_ = Rest::unknown;
    sql_state_.clear();
  }

  // A message of the server in the text of another program: written, or false when no template has it.
  bool write_if_known(std::string_view text);
  void write_sql(std::string_view text) {
    sql_state_.clear();
    sql_.write(text, sql_state_);
  }
  const LogTexts& texts() const { return books_.texts; }

 private:
  // What the lines behind the first one of a field are.
  enum class Rest { unknown, sql, removed, lines, plan };
  class Slots;

  bool write_allowed(std::string_view sqlstate, std::string_view text);
  bool render(char field, std::string_view sqlstate, std::string_view text);
  bool write_open(char field, std::string_view text);
  void write_message(char field, bool log, std::string_view sqlstate, std::string_view text);
  void write_plan_line(std::string_view text);
  void from_sql(std::string_view text, std::size_t at);
  void statement(std::string_view text, std::size_t at);
  void prepared(std::string_view sql);

  enum class Kept { written, unknown, not_at_all };
  template <class Make>
  bool remember(std::string_view text, Make make);

  struct Remembered {
    std::string key, out;
    bool known = false;
  };

  const PgBooks& books_;
  const AllowedTexts& allowed_;
  PlainText& plain_;
  Sink& sink_;
  SqlText sql_;
  LogNames names_;
  Known known_;
  SqlText::State sql_state_;
  Rest rest_ = Rest::unknown;
  char field_ = 'M';
  std::vector<Remembered> remembered_;  // by hash; empty when nothing is
  std::string key_;
  std::vector<std::size_t> seen_;  // hashes of statements that came by
};

}  // namespace pgward::rules
