// HL7 v2 in a log: by segment and field. What a field holds stands in the standard (HL7 2.5.1, chapters 2-8).
#pragma once

#include <string_view>

#include "rules/log/plain_text.h"
#include "rules/log/sink.h"

namespace pgward::rules {

class Hl7Text {
 public:
  Hl7Text(PlainText& plain, Sink& sink) : plain_(plain), sink_(sink) {}

  // Whether the line begins with a segment: three letters or digits and a bar.
  static bool is_segment(std::string_view line);
  // One line, with one segment or several with CR between them.
  void write(std::string_view line);

 private:
  void write_segment(std::string_view segment);
  void write_field(std::string_view segment, int number, std::string_view field);

  PlainText& plain_;
  Sink& sink_;
};

}  // namespace pgward::rules
