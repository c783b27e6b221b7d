// A text of unknown kind: finds the parts with structure in it (a message of PostgreSQL, SQL, JSON), and
// gives each to who knows it.
#pragma once

#include <string_view>

#include "rules/log/pg_message.h"
#include "rules/log/plain_text.h"

namespace pgward::rules {

class JsonText;

class AppText {
 public:
  AppText(PgMessage& pg, PlainText& plain, JsonText& json, Sink& sink)
      : pg_(pg), plain_(plain), json_(json), sink_(sink) {}

  void write(std::string_view text) { write(text, 0); }
  // depth: how many texts this one is inside of (JSON in JSON).
  void write(std::string_view text, int depth);

 private:
  // How many bytes at the front were written with the first message of the server in the text; 0: none.
  std::size_t write_pg_message(std::string_view text);
  void write_flat(std::string_view text);
  bool write_parameters(std::string_view text);

  PgMessage& pg_;
  PlainText& plain_;
  JsonText& json_;
  Sink& sink_;
};

}  // namespace pgward::rules
