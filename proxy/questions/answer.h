// An answer to a question about the trail, and its three forms.
//
// Rows are JSON objects; `columns` names those of their members that stand in text and CSV. What a client sent (names of
// applications, of users) may stand in them: text escapes what terminals obey, CSV what spreadsheets take for a formula.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/questions/trail_view.h"

namespace pgward::proxy {

enum class Form { text, json, csv };

struct Answer {
  std::string command;                    // "who-saw"
  Json asked = Json::object();            // pseudonyms and filters, never a key in clear
  Json summary = Json::object();          // figures, shown above the rows
  std::vector<std::string> columns;
  std::vector<Json> rows;                 // {"seq": ..} when they are of one record
  std::vector<std::string> notes;         // what one must know to read it
  Json source = Json::object();           // which log, up to where, and what vouches for it
};

std::string rendered(const Answer& answer, Form form);

// Without what a terminal obeys.
std::string printable(const std::string& text);
std::string csv_field(const std::string& text);

}  // namespace pgward::proxy
