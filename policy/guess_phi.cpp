#include <array>

#include "policy/ascii.h"
#include "policy/guess.h"

namespace pgward::policy {
namespace {

// A part of a column's plain name -> what it holds. The first that fits counts, so the more telling come
// first.
struct Pattern {
  std::string_view part;
  std::string_view kind;
  bool whole = false;  // only as the whole name: short words stand inside of others
};
constexpr std::array kPatterns{Pattern{"ssn", "ssn"},
                               Pattern{"socialsecurity", "ssn"},
                               Pattern{"nationalid", "ssn"},
                               Pattern{"taxid", "ssn"},
                               Pattern{"passport", "identifier"},
                               Pattern{"driverlicen", "identifier"},
                               Pattern{"mrn", "mrn"},
                               Pattern{"medicalrecord", "mrn"},
                               Pattern{"chartno", "mrn"},
                               Pattern{"patientno", "mrn"},
                               Pattern{"firstname", "name"},
                               Pattern{"lastname", "name"},
                               Pattern{"middlename", "name"},
                               Pattern{"givenname", "name"},
                               Pattern{"familyname", "name"},
                               Pattern{"surname", "name"},
                               Pattern{"fullname", "name"},
                               Pattern{"maiden", "name"},
                               Pattern{"patientname", "name"},
                               Pattern{"nickname", "name"},
                               Pattern{"guarantor", "name"},
                               Pattern{"nextofkin", "name"},
                               Pattern{"birth", "date"},
                               Pattern{"dob", "date", true},
                               Pattern{"death", "date"},
                               Pattern{"deceased", "date"},
                               Pattern{"admission", "date"},
                               Pattern{"discharge", "date"},
                               Pattern{"email", "email"},
                               Pattern{"phone", "phone"},
                               Pattern{"mobile", "phone"},
                               Pattern{"telephone", "phone"},
                               Pattern{"fax", "phone", true},
                               Pattern{"address", "address"},
                               Pattern{"street", "address"},
                               Pattern{"postcode", "address"},
                               Pattern{"postalcode", "address"},
                               Pattern{"zip", "address", true},
                               Pattern{"zipcode", "address"},
                               Pattern{"city", "address", true},
                               Pattern{"county", "address", true},
                               Pattern{"latitude", "address"},
                               Pattern{"longitude", "address"},
                               Pattern{"ipaddr", "device"},
                               Pattern{"deviceserial", "device"},
                               Pattern{"licenseplate", "device"},
                               Pattern{"insurance", "insurance"},
                               Pattern{"policyno", "insurance"},
                               Pattern{"memberid", "insurance"},
                               Pattern{"subscriber", "insurance"},
                               Pattern{"accountno", "account"},
                               Pattern{"iban", "account", true},
                               Pattern{"creditcard", "account"},
                               Pattern{"photo", "image"},
                               Pattern{"fingerprint", "biometric"},
                               Pattern{"diagnos", "clinical"},
                               Pattern{"icd", "clinical"},
                               Pattern{"symptom", "clinical"},
                               Pattern{"allerg", "clinical"},
                               Pattern{"medication", "clinical"},
                               Pattern{"prescri", "clinical"},
                               Pattern{"dose", "clinical"},
                               Pattern{"dosage", "clinical"},
                               Pattern{"labresult", "clinical"},
                               Pattern{"value", "clinical"},
                               Pattern{"result", "clinical"},
                               Pattern{"vital", "clinical"},
                               Pattern{"bloodtype", "clinical"},
                               Pattern{"weight", "clinical"},
                               Pattern{"height", "clinical"},
                               Pattern{"procedure", "clinical"},
                               Pattern{"treatment", "clinical"},
                               Pattern{"reason", "clinical"},
                               Pattern{"complaint", "clinical"},
                               Pattern{"gender", "demographic"},
                               Pattern{"sex", "demographic", true},
                               Pattern{"race", "demographic", true},
                               Pattern{"ethnic", "demographic"},
                               Pattern{"religion", "demographic"},
                               Pattern{"note", "free_text"},
                               Pattern{"comment", "free_text"},
                               Pattern{"remark", "free_text"},
                               Pattern{"message", "free_text"},
                               Pattern{"description", "free_text"},
                               Pattern{"body", "free_text", true},
                               Pattern{"text", "free_text", true},
                               Pattern{"content", "free_text"},
                               Pattern{"name", "name", true},
                               Pattern{"password", "secret"}};

constexpr std::array<std::string_view, 6> kTellingComments{"phi",      "hipaa",     "patient",
                                                           "personal", "sensitive", "confidential"};

bool has_word(const std::string& text, std::string_view word) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !letter(text[at - 1])) && (end == text.size() || !letter(text[end]))) return true;
  }
  return false;
}

// Of types that may hold a sentence, a document or a picture.
bool holds_anything(std::string_view type) {
  for (const std::string_view one :
       {"text", "character varying", "json", "jsonb", "xml", "bytea", "text[]", "tsvector"})
    if (type == one) return true;
  return false;
}

}  // namespace

std::optional<PhiGuess> guess_phi(const Column& column, const std::string& comment) {
  const std::string plain = plain_name(column.name);
  if (column.type != "boolean")
    for (const Pattern& pattern : kPatterns)
      if (pattern.whole ? plain == pattern.part : plain.find(pattern.part) != std::string::npos)
        return PhiGuess{std::string(pattern.kind), "by name"};
  const std::string said = lowered(comment);
  for (const std::string_view word : kTellingComments)
    if (has_word(said, word))
      return PhiGuess{holds_anything(column.type) ? "free_text" : "phi", "by its comment"};
  // Every date about a person but the year identifies (45 CFR 164.514(b)(2)(i)(C)).
  const bool is_date = column.type == "date" || column.type.starts_with("timestamp") ||
                       column.type == "daterange" || column.type.starts_with("tstz") ||
                       column.type.starts_with("tsrange");
  if (is_date && !plain.starts_with("created") && !plain.starts_with("updated"))
    return PhiGuess{"date", "by type: a date about a person identifies"};
  // A code of a few letters is text too; but nobody looks through every column for what somebody once typed.
  if (holds_anything(column.type) && !plain.ends_with("id") && !plain.ends_with("status") &&
      !plain.ends_with("type") && !plain.ends_with("kind") && !plain.ends_with("code"))
    return PhiGuess{"free_text", "by type: " + column.type + " may hold anything"};
  return std::nullopt;
}

}  // namespace pgward::policy
