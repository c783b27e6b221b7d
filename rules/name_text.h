// The forms in which PostgreSQL prints names: dotted, quoted, types with modifiers, signatures, keys.
//
// Each function answers the text that may stay, with kRemoved for the parts that may not; nullopt when
// nothing may. Views into the text only while the call lasts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/known.h"

namespace pgward::rules {

inline constexpr std::string_view kRemoved = "[removed]";

// The parts of a dotted name, quotes still on ("a"."b c".d); empty when it is not one.
std::vector<std::string_view> dotted_parts(std::string_view text);

// One part without its quotes.
std::string unquoted(std::string_view part);

// A name of this kind, perhaps qualified. A known qualifier stays even if the rest does not.
// from_catalog: see Known::has_or_is_catalog_name.
std::optional<std::string> keep_name(const Known& known, NameKind kind, std::string_view text,
                                     bool from_catalog = false);

// "timestamp(3) with time zone", "clinic.full_name[]": whole or not at all.
bool is_known_type(const Known& known, std::string_view text);

// "make_date(year => integer, integer)" or a bare function name.
std::optional<std::string> keep_function(const Known& known, std::string_view text);

// "integer = text", "- text".
std::optional<std::string> keep_operator(const Known& known, std::string_view text);

// "last_name, lower(email)": the columns and expressions of a key, whole or not at all.
bool are_known_columns(const Known& known, std::string_view text, bool from_catalog = false);

// An upper-case phrase of key words: "DECLARE CURSOR", "JOIN/ON".
bool is_keyword_phrase(const Vocabulary& vocabulary, std::string_view text);

// What the grammar calls a token, when it cannot be a value: a key word or a sign.
bool is_keyword_or_sign(const Vocabulary& vocabulary, std::string_view text);

}  // namespace pgward::rules
