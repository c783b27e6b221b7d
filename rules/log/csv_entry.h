// An entry of PostgreSQL's csvlog (manual, "Using CSV-Format Log Output"). Fields may hold line breaks, so
// an entry may go over lines; write() each.
#pragma once

#include <string>
#include <string_view>

#include "rules/log/pg_message.h"
#include "rules/log/sink.h"

namespace pgward::rules {

class CsvEntry {
 public:
  CsvEntry(PgMessage& pg, PlainText& plain, Sink& sink) : pg_(pg), plain_(plain), sink_(sink) {}

  // Whether a new entry begins here: a time and the quoted fields behind it.
  static bool begins(std::string_view line);
  // Whether the line can be the end of an entry whose begin we have not seen.
  static bool ends_unseen(std::string_view line);
  bool is_open() const { return open_; }

  void write(std::string_view line, bool is_new);
  // The end of a line that was too long to be read: an odd number of quotes in it opens or closes a field.
  void skip(std::size_t quotes) { open_ = open_ != (quotes % 2 == 1); }

 private:
  void write_fields(std::string_view line);
  void write_field(std::string_view raw, bool first_line);

  PgMessage& pg_;
  PlainText& plain_;
  Sink& sink_;
  int number_ = 0;
  bool open_ = false;  // inside of a quoted field
  std::string severity_, sqlstate_, plain_text_, out_;
};

}  // namespace pgward::rules
