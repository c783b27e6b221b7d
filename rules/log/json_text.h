// JSON in a log: by its keys first. What is written is JSON again, with the same keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/log/log_rules.h"
#include "rules/log/pg_message.h"
#include "rules/log/sink.h"

namespace pgward::rules {

class AppText;

class JsonText {
 public:
  JsonText(const LogRules& rules, PgMessage& pg, Sink& sink) : rules_(rules), pg_(pg), sink_(sink) {}
  void use(AppText& app) { app_ = &app; }
  // Before anything of a line is written: what kind of JSON it holds is looked for once, however many
  // objects it has.
  void begin_line(std::string_view line) {
    line_ = line;
    looked_ = fhir_ = server_log_ = false;
  }

  // Writes the object or list that the text begins with, and returns how many bytes it was. A text that
  // ends in the middle of it, or that is no JSON from some place on, is read as far as it goes.
  std::size_t write(std::string_view text, int depth);

 private:
  struct Level {
    bool object = false;
    std::string_view key;   // of the object or list itself, as written
    std::string_view kind;  // that every value in it has, by the key in front of it; empty: none
  };
  struct Place {
    std::string_view key, kind;
  };

  std::size_t string_end(std::string_view text, std::size_t at) const;
  std::size_t read_key(std::string_view text, std::size_t at);
  void write_string(std::string_view raw, int depth);
  void write_text(std::string_view text, int depth);
  void write_scalar(std::string_view raw);
  std::string_view kind_below(char opening) const;
  std::size_t write_server_entry(std::string_view text, int depth);
  std::string_view kind_of_place(std::string_view key) const;
  std::string_view kind_in_fhir(std::string_view key, std::string_view parent) const;

  const LogRules& rules_;
  PgMessage& pg_;
  Sink& sink_;
  AppText* app_ = nullptr;
  std::vector<Level> levels_;
  std::size_t base_ = 0;  // levels of the texts around this one
  std::string_view key_, kind_, severity_, sqlstate_;
  std::string_view line_;
  bool looked_ = false, fhir_ = false, server_log_ = false;
};

}  // namespace pgward::rules
