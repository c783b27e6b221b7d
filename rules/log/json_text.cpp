#include "rules/log/json_text.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "rules/log/app_text.h"
#include "rules/log/bytes.h"
#include "rules/log/json_escape.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kLevelsMax = 64;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Keys that say what another value of the same object is, never a value of a person.
constexpr std::array<std::string_view, 14> kDescribing{
    "use",  "system", "type",     "rank", "url",   "resourceType", "code",
    "unit", "status", "language", "kind", "label", "assigner",     "relationship"};

constexpr std::array<std::string_view, 18> kPeople{
    "patient",    "subject",    "beneficiary", "performer",    "author",       "participant",
    "individual", "requester",  "recorder",    "asserter",     "practitioner", "member",
    "guarantor",  "subscriber", "person",      "policyHolder", "provider",     "contact"};

constexpr std::array<std::string_view, 14> kFhirDates{"effectiveDateTime",
                                                      "authoredOn",
                                                      "recordedDate",
                                                      "onsetDateTime",
                                                      "deceasedDateTime",
                                                      "occurrenceDateTime",
                                                      "performedDateTime",
                                                      "start",
                                                      "end",
                                                      "date",
                                                      "birthDate",
                                                      "collectedDateTime",
                                                      "abatementDateTime",
                                                      "receivedTime"};

// What jsonlog has free text in (manual, "Using JSON-Format Log Output"); the rest is the server's own.
constexpr std::array<std::string_view, 8> kServerTexts{
    "message", "detail", "hint", "context", "statement", "internal_query", "remote_host", "application_name"};

constexpr std::array<std::string_view, 20> kServerKeys{"timestamp",
                                                       "user",
                                                       "dbname",
                                                       "pid",
                                                       "remote_port",
                                                       "session_id",
                                                       "line_num",
                                                       "ps",
                                                       "vxid",
                                                       "session_start",
                                                       "txid",
                                                       "error_severity",
                                                       "state_code",
                                                       "internal_position",
                                                       "cursor_position",
                                                       "func_name",
                                                       "file_name",
                                                       "backend_type",
                                                       "leader_pid",
                                                       "query_id"};

// The server writes its keys in this order.
bool is_server_entry(std::string_view text) {
  return text.starts_with("{\"timestamp\":") && text.substr(0, 2048).find("\"error_severity\":") != text.npos;
}

// Whether what it holds is a text.
WordMap<bool> server_keys() {
  WordMap<bool> keys;
  for (const auto key : kServerTexts) keys.insert(key, true);
  for (const auto key : kServerKeys) keys.insert(key, false);
  return keys;
}

constexpr std::array<std::string_view, 6> kFhirClinical{"valueString", "div",           "conclusion",
                                                        "description", "clinicalNotes", "patientInstruction"};

}  // namespace

std::size_t JsonText::string_end(std::string_view text, std::size_t at) const {
  // nearly no string has an escape
  const auto quote = text.find('"', at);
  if (quote == text.npos || quote == at || text.substr(at, quote - at).find('\\') == text.npos)
    return std::min(quote, text.size());
  while (at < text.size() && text[at] != '"') {
    const auto stop = bytes::find_one_of<'"', '\\'>(text, at);
    if (stop == text.npos) return text.size();
    at = text[stop] == '\\' ? stop + 2 : stop;
  }
  return std::min(at, text.size());
}

std::string_view JsonText::kind_in_fhir(std::string_view key, std::string_view parent) const {
  if (is_one_of(key, kFhirDates)) return "date";
  if (is_one_of(key, kFhirClinical) || (key == "text" && parent == "note")) return "clinical";
  if (key == "display" && is_one_of(parent, kPeople)) return "name";
  if (key == "name") return "name";
  if (key == "reference") return "id";
  if (key == "telecom") return "phone";
  if (key == "identifier") return "mrn";
  if (key == "lastUpdated" || key == "issued") return "-";
  return {};
}

// "-": stays as it is.
std::string_view JsonText::kind_of_place(std::string_view key) const {
  const Level& level = levels_.back();
  if (is_one_of(key, kDescribing)) return "-";
  if (fhir_) {
    if (const auto kind = kind_in_fhir(key, level.key); !kind.empty()) return kind;
  }
  if (const auto kind = rules_.kind_of_key(key); !kind.empty()) return kind;
  if (!level.kind.empty()) return level.kind;
  if ((key == "name" || key == "display" || key == "full") && is_one_of(level.key, kPeople)) return "name";
  return rules_.is_plain_key(key) ? "-" : "";
}

// The key at `at`, with its quotes and colon; what follows is its value.
std::size_t JsonText::read_key(std::string_view text, std::size_t at) {
  const auto end = string_end(text, at + 1);
  key_ = text.substr(at + 1, end - at - 1);
  if (server_log_ && levels_.size() == base_ + 1 && is_one_of(key_, kServerTexts))
    kind_ = {};
  else if (server_log_ && levels_.size() == base_ + 1 && is_one_of(key_, kServerKeys))
    kind_ = "-";
  else
    kind_ = kind_of_place(key_);
  // A key may be data as well: {"Adalyn Quillon": 3}
  sink_.pass(text.substr(at, 1));
  if (key_.find(' ') != key_.npos || key_.find('@') != key_.npos)
    app_->write(key_, 3);
  else
    sink_.pass(key_);
  auto next = std::min(end + 1, text.size());
  const auto colon = bytes::run(text, next, bytes::space);
  if (colon < text.size() && text[colon] == ':') next = bytes::run(text, colon + 1, bytes::space);
  sink_.pass(text.substr(end, next - end));
  return next;
}

// What an object or list says of all that is in it. "patient": {...} holds more than a name.
std::string_view JsonText::kind_below(char opening) const {
  if (kind_ == "-") return {};
  const bool names = key_ == "name" || key_ == "names" || key_ == "alias" || key_ == "given";
  return opening == '{' && kind_ == "name" && !names && levels_.size() > base_ && levels_.back().object
             ? std::string_view{}
             : kind_;
}

// As write() does it, for an entry that is a flat object of the server's own keys: nearly all of it goes as it is.
// 0, and nothing is written, for any other.
std::size_t JsonText::write_server_entry(std::string_view text, int depth) {
  static const WordMap<bool> keys = server_keys();
  struct Text {
    std::string_view key, raw;
  };
  std::array<Text, kServerTexts.size() + 2> texts;
  std::size_t count = 0, at = 1;
  while (at < text.size() && text[at] == '"') {
    const auto key_end = text.find('"', at + 1);
    if (key_end == text.npos || key_end + 2 >= text.size() || text[key_end + 1] != ':') return 0;
    const auto key = text.substr(at + 1, key_end - at - 1);
    const bool* is_text = keys.get(key);
    if (is_text == nullptr) return 0;
    at = key_end + 2;
    if (text[at] == '"') {
      const auto end = string_end(text, at + 1);
      if (end >= text.size()) return 0;
      if (*is_text || key == "error_severity" || key == "state_code") {
        if (count == texts.size()) return 0;
        texts[count++] = {key, text.substr(at + 1, end - at - 1)};
      }
      at = end + 1;
    } else {
      at = bytes::run(text, at + (text[at] == '-' ? 1 : 0), bytes::digit | bytes::lower);
    }
    if (at >= text.size() || (text[at] != ',' && text[at] != '}')) return 0;
    if (text[at++] == '}') break;
  }
  if (text[at - 1] != '}') return 0;
  std::size_t done = 0;
  for (const Text& one : std::span{texts}.first(count)) {
    const auto begin = static_cast<std::size_t>(one.raw.data() - text.data());
    sink_.pass(text.substr(done, begin - done));
    done = begin + one.raw.size();
    key_ = one.key;
    const bool word = key_ == "error_severity" || key_ == "state_code";
    kind_ = word ? "-" : "";
    write_string(one.raw, depth);
  }
  sink_.pass(text.substr(done, at - done));
  kind_ = severity_ = sqlstate_ = {};
  return at;
}

std::size_t JsonText::write(std::string_view text, int depth) {
  const auto outer_base = base_;
  const auto outer_size = levels_.size();
  const std::array<std::string_view, 4> outer{key_, kind_, severity_, sqlstate_};
  base_ = outer_size;
  key_ = kind_ = {};
  if (!std::exchange(looked_, true)) fhir_ = line_.find("resourceType") != line_.npos;
  const bool outer_server_log = std::exchange(server_log_, is_server_entry(text));
  if (server_log_ && outer_size == 0) {
    const auto taken = write_server_entry(text, depth);
    if (taken > 0) {
      base_ = outer_base;
      key_ = outer[0];
      server_log_ = outer_server_log;
      return taken;
    }
  }
  std::size_t at = 0;
  bool after_key = false;
  do {
    const char c = text[at];
    if (c == '{' || c == '[') {
      if (levels_.size() - base_ >= kLevelsMax) {
        sink_.remove("nested text", "text", text.substr(at));
        at = text.size();
        break;
      }
      const auto kind = kind_below(c);
      levels_.push_back(
          Level{c == '{', key_.empty() && levels_.size() > base_ ? levels_.back().key : key_, kind});
      sink_.pass(text.substr(at++, 1));
      after_key = false;
    } else if (c == '}' || c == ']') {
      levels_.pop_back();
      sink_.pass(text.substr(at++, 1));
      if (levels_.size() > base_) {
        key_ = levels_.back().key;
        kind_ = levels_.back().kind;
      }
    } else if (c == '"' && levels_.back().object && !after_key) {
      at = read_key(text, at);
      after_key = true;
    } else if (c == '"') {
      const auto end = string_end(text, at + 1);
      sink_.pass(text.substr(at, 1));
      write_string(text.substr(at + 1, end - at - 1), depth);
      if (end < text.size()) sink_.pass(text.substr(end, 1));
      at = std::min(end + 1, text.size());
      after_key = false;
    } else if (bytes::is_word(c) || c == '-' || c == '+') {
      auto end = bytes::find_one_of<',', ']', '}', ' ', '\t'>(text, at);
      end = std::min(end, text.size());
      write_scalar(text.substr(at, end - at));
      at = end;
      after_key = false;
    } else {
      if (c == ',') after_key = false;
      sink_.pass(text.substr(at++, 1));
    }
  } while (at < text.size() && levels_.size() > base_);
  levels_.resize(outer_size);
  base_ = outer_base;
  key_ = outer[0];
  kind_ = outer[1];
  severity_ = outer[2];
  sqlstate_ = outer[3];
  server_log_ = outer_server_log;
  return at;
}

void JsonText::write_string(std::string_view raw, int depth) {
  if (server_log_ && key_ == "error_severity") severity_ = raw;
  if (server_log_ && key_ == "state_code") sqlstate_ = raw;
  if (kind_ == "-") return sink_.pass(raw);
  // FHIR: "Patient/4711", which a pattern knows; and the name of an organization, which is a text, not an
  // object
  const bool plain_in_fhir =
      fhir_ && (kind_ == "id" || (key_ == "name" && levels_.back().object && levels_.back().key != "name"));
  if (plain_in_fhir) return write_text(raw, depth);
  if (!kind_.empty()) {
    // FHIR's telecom holds phones, mail and pages alike
    const auto kind = kind_ == "phone" && raw.find('@') != raw.npos ? std::string_view{"email"} : kind_;
    if (value_stays(kind, raw, rules_))
      sink_.pass(raw);
    else
      sink_.remove("key", kind, raw);
    return;
  }
  if (raw.find('\\') == raw.npos) return write_text(raw, depth);
  std::string plain, out;
  json_unescape(raw, plain);
  {
    Sink::Aside aside{sink_, out, raw};
    write_text(plain, depth);
  }
  if (out == plain) return sink_.keep(raw);
  std::string escaped;
  json_escape(out, escaped);
  sink_.keep(escaped);
}

void JsonText::write_text(std::string_view text, int depth) {
  if (server_log_) {
    if (key_ == "remote_host" && (text == "[local]" || is_private_ipv4(text))) return sink_.keep(text);
    constexpr std::array<std::pair<std::string_view, LogField>, 6> kFields{
        {{"message", LogField::message},
         {"detail", LogField::detail},
         {"hint", LogField::hint},
         {"context", LogField::context},
         {"statement", LogField::statement},
         {"internal_query", LogField::statement}}};
    for (const auto& [key, field] : kFields)
      if (key_ == key) return pg_.write(field, severity_, sqlstate_, text);
  }
  app_->write(text, depth);
}

// A number, true, false, null. A placeholder needs quotes to be JSON.
void JsonText::write_scalar(std::string_view raw) {
  const bool number = bytes::is_digit(raw.front()) || raw.front() == '-';
  // an age says something from 90 on (45 CFR 164.514)
  const bool young = kind_ == "age" && raw.size() < 3 && raw < "90";
  if (!number || kind_.empty() || kind_ == "-" || young) return sink_.pass(raw);
  sink_.keep('"');
  sink_.remove("key", kind_ == "age" ? "date" : kind_, raw);
  sink_.keep('"');
}

}  // namespace pgward::rules
