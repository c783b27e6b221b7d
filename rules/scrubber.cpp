#include "rules/scrubber.h"

#include <algorithm>
#include <array>

#include "rules/known.h"
#include "rules/name_text.h"
#include "rules/renderer.h"
#include "rules/rulebook.h"
#include "rules/scrub_counts.h"
#include "rules/vocabulary.h"

namespace pgward::rules {
namespace {

// Routines that hand on a text which somebody else wrote: RAISE, other languages, other servers. Such a
// text may imitate any message, so no template applies to it.
constexpr std::array<std::string_view, 16> kPassOn{"exec_stmt_raise",
                                                   "exec_stmt_assert",  // PL/pgSQL
                                                   "PLy_output",
                                                   "PLy_elog_impl",  // PL/Python
                                                   "plperl_util_elog",
                                                   "do_util_elog",
                                                   "croak_cstr",  // PL/Perl
                                                   "plperl_create_sub",
                                                   "plperl_call_perl_func",
                                                   "plperl_call_perl_trigger_func",
                                                   "plperl_call_perl_event_trigger_func",
                                                   "pltcl_elog",
                                                   "throw_tcl_error",  // PL/Tcl
                                                   "pgfdw_report_error",
                                                   "dblink_res_error",
                                                   "dblink_conn_not_avail"};  // other servers

constexpr std::string_view kNameFields = "stcdn";
constexpr std::string_view kUnknownState = "XX000";
constexpr std::string_view kOperatorSigns = "+-*/<>=~!@#%^&|`?";
constexpr std::size_t kSourceWordBytesMax = 63;

std::string_view first_of(const Fields& fields, char code) {
  for (const auto& [have, text] : fields)
    if (have == code) return text;
  return {};
}

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

// A file, line or routine of the server's source.
bool is_source_word(std::string_view text) {
  return !text.empty() && text.size() <= kSourceWordBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
                  c == '.' || c == '-' || c == '/' || c == ':' || c == '~';
         });
}

bool is_position(std::string_view text) {
  return !text.empty() && text.size() <= 10 && text.find_first_not_of("0123456789") == text.npos;
}

NameKind kind_of_field(char code) {
  switch (code) {
    case 's':
      return NameKind::schema;
    case 't':
      return NameKind::relation;
    case 'c':
      return NameKind::column;
    case 'd':
      return NameKind::type;
    default:
      return NameKind::constraint;
  }
}

// One message on its way through the rules.
class Pass {
 public:
  Pass(const Rulebook& book, const Known& known, const Fields& in, const AllowedTexts* allowed, ScrubCounts& counts)
      : known_(known), renderer_(book, known_, nullptr, &counts), in_(in), allowed_(allowed), counts_(counts), sqlstate_(first_of(in, 'C')) {
    const auto routine = first_of(in, 'R');
    passed_on_ = std::find(kPassOn.begin(), kPassOn.end(), routine) != kPassOn.end();
    if (!is_sqlstate(sqlstate_)) {
      sqlstate_ = kUnknownState;
      passed_on_ = true;
    }
    for (const auto& [code, text] : in)
      if (kNameFields.find(code) != kNameFields.npos && is_name(code, text)) known_.add(text);
    if (!passed_on_) message_ = renderer_.message('M', sqlstate_, first_of(in, 'M'));
  }

  // What becomes of one field; nullopt: it is left out.
  std::optional<std::string> field(char code, const std::string& text) {
    switch (code) {
      case 'S':
      case 'V':
        return severity(text);
      case 'C':
        return std::string{sqlstate_};
      case 'M':
        return message(text);
      case 'D':
      case 'H':
        return detail_or_hint(code, text);
      case 'W':
        return not_empty(renderer_.lines('W', sqlstate_, text));
      case 'P':
        return kept_if(code, is_position(text), text);
      case 'F':
      case 'L':
      case 'R':
        return kept_if(code, is_source_word(text), text);
      case 's':
      case 't':
      case 'c':
      case 'd':
      case 'n':
        return kept_if(code, is_name(code, text), text);
      default:  // q and p: the text of a query, and a place in it; and what future versions may add
        return kept_if(code, false);
    }
  }

  unsigned values_removed() const { return values_removed_ + renderer_.values_removed(); }

 private:
  std::string severity(const std::string& text) const {
    if (known_.vocabulary().is_severity(text)) return text;
    const auto untranslated = first_of(in_, 'V');
    return known_.vocabulary().is_severity(untranslated) ? std::string{untranslated} : "ERROR";
  }

  std::string message(const std::string& text) {
    if (message_ && text == first_of(in_, 'M')) return *message_;
    if (auto own = allowed(text)) return *own;
    ++values_removed_;
    counts_.replaced(sqlstate_, passed_on_ ? ScrubCounts::Why::raised : ScrubCounts::Why::no_template);
    return std::string{condition_text(sqlstate_)};
  }

  // What no template of the server's has, or what may only look like one.
  std::optional<std::string> allowed(const std::string& text) {
    auto kept = allowed_ == nullptr ? std::nullopt : allowed_->keep(sqlstate_, text);
    if (!kept) return std::nullopt;
    values_removed_ += kept->values_removed;
    counts_.allowed();
    return std::move(kept->text);
  }

  std::optional<std::string> detail_or_hint(char code, const std::string& text) {
    if (!message_) {
      auto own = allowed(text);
      return own ? own : kept_if(code, false);
    }
    // A list of objects has a line for each; only values may go over several.
    if (auto lines = not_empty(renderer_.lines(code, sqlstate_, text))) return lines;
    return renderer_.message(code, sqlstate_, text);
  }

  // RAISE fills these fields too, and then with anything; otherwise they come from the server's catalog.
  bool is_name(char code, const std::string& text) const {
    const auto kind = kind_of_field(code);
    return passed_on_ ? known_.has(kind, text) : known_.has_or_is_catalog_name(kind, text);
  }

  std::optional<std::string> kept_if(char code, bool keep, const std::string& text = {}) {
    if (keep) return text;
    ++values_removed_;
    counts_.dropped(code);
    return std::nullopt;
  }

  static std::optional<std::string> not_empty(std::string text) {
    return text.empty() ? std::nullopt : std::optional{std::move(text)};
  }

  Known known_;
  Renderer renderer_;
  const Fields& in_;
  const AllowedTexts* allowed_;
  ScrubCounts& counts_;
  std::string_view sqlstate_;
  bool passed_on_ = false;
  std::optional<std::string> message_;
  unsigned values_removed_ = 0;
};

// The four fields that a message always has (manual, "Error and Notice Message Fields").
Fields completed(const Fields& fields, std::string_view sqlstate) {
  Fields out = fields;
  const auto add = [&](char code, std::string_view text) {
    const bool there =
        std::any_of(out.begin(), out.end(), [&](const auto& field) { return field.first == code; });
    if (!there) out.emplace_back(code, text);
  };
  add('S', "ERROR");
  add('C', kUnknownState);
  add('M', condition_text(sqlstate.empty() ? kUnknownState : sqlstate));
  return out;
}

}  // namespace

struct Scrubber::Rules {
  Rulebook book;
  Vocabulary vocabulary;
  mutable ScrubCounts counts{book};
};

Scrubber::Scrubber() : rules_(std::make_unique<const Rules>()) {}
Scrubber::~Scrubber() = default;

void ScrubbedFields::move_position(std::uint32_t to) {
  if (to == 0) std::erase_if(fields_, [](const auto& field) { return field.first == 'P'; });
  for (auto& [code, text] : fields_)
    if (code == 'P') text = std::to_string(to);
}

void Scrubber::metrics(std::string& out) const {
  rules_->counts.render(out);
}

std::string Scrubber::name(std::string_view text, const KnownNames& names) const {
  const Known known{rules_->vocabulary, names};
  std::string_view front = text;
  std::string sign;
  // an operator: its signs are nobody's, and may hold no point
  const auto signs = std::min(text.find_last_not_of(kOperatorSigns) + 1, text.size());
  if (signs < text.size() && (signs == 0 || text[signs - 1] == '.')) {
    sign = text.substr(signs);
    front = text.substr(0, signs == 0 ? 0 : signs - 1);
    if (front.empty()) return sign;
  }
  std::string kept = keep_name(known, NameKind::any, front).value_or(std::string{front.empty() ? "" : kRemoved});
  return sign.empty() ? kept : kept.append(".").append(sign);
}

ScrubbedFields Scrubber::scrub(const Fields& fields, const KnownNames& names, const AllowedTexts* allowed) const {
  const Known known{rules_->vocabulary, names};
  rules_->counts.message();
  Pass pass{rules_->book, known, fields, allowed, rules_->counts};
  ScrubbedFields out;
  for (const auto& [code, text] : fields)
    if (auto kept = pass.field(code, text)) out.fields_.emplace_back(code, std::move(*kept));
  out.fields_ = completed(out.fields_, first_of(out.fields_, 'C'));
  out.values_removed_ = pass.values_removed();
  return out;
}

}  // namespace pgward::rules
