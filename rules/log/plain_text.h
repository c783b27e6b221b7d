// Text without a structure of its own: keys with values, patterns, names. The last resort of every format.
#pragma once

#include <string_view>
#include <vector>

#include "rules/log/log_rules.h"
#include "rules/log/sink.h"
#include "rules/log/spans.h"

namespace pgward::rules {

class PlainText {
 public:
  PlainText(const LogRules& rules, Sink& sink) : rules_(rules), sink_(sink) {}

  void write(std::string_view text);

  // The text of somebody's program that speaks through the database (RAISE): from the first word on that
  // may be a person's, nothing stays.
  void write_unknown(std::string_view text);

 private:
  void find_patterns(std::string_view text);
  void find(std::string_view text, const PatternRule& rule);

  const LogRules& rules_;
  Sink& sink_;
  Spans spans_;
  std::vector<int> matches_;
};

// "key=value", "key: value", '"key": "value"', "key => value" where the key says what the value is.
void find_key_values(std::string_view text, const LogRules& rules, Spans& spans);

// Two or more capitalised words in a row that are not words of programs; "Last, First".
void find_person_names(std::string_view text, const LogRules& rules, Spans& spans);

// Whether a value of a key that says its kind stays after all: nothing in it, a UUID, an address of a server.
bool value_stays(std::string_view kind, std::string_view value, const LogRules& rules);

bool is_uuid(std::string_view text);

}  // namespace pgward::rules
