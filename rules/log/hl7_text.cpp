#include "rules/log/hl7_text.h"

#include <algorithm>
#include <array>

#include "rules/log/bytes.h"

namespace pgward::rules {
namespace {

struct Field {
  std::string_view segment;
  int number;
  std::string_view kind;
};

// In the order of the standard. Segments that are not here have no person in them (MSH, EVN, MSA), or are
// read as plain text.
constexpr std::array kFields{
    Field{"PID", 2, "mrn"},         Field{"PID", 3, "mrn"},          Field{"PID", 4, "mrn"},
    Field{"PID", 5, "name"},        Field{"PID", 6, "name"},         Field{"PID", 7, "date"},
    Field{"PID", 9, "name"},        Field{"PID", 11, "geo"},         Field{"PID", 12, "geo"},
    Field{"PID", 13, "phone"},      Field{"PID", 14, "phone"},       Field{"PID", 18, "account"},
    Field{"PID", 19, "ssn"},        Field{"PID", 20, "license"},     Field{"PID", 21, "mrn"},
    Field{"PID", 23, "geo"},        Field{"PID", 29, "date"},        Field{"PD1", 4, "name"},
    Field{"NK1", 2, "name"},        Field{"NK1", 4, "geo"},          Field{"NK1", 5, "phone"},
    Field{"NK1", 6, "phone"},       Field{"NK1", 16, "date"},        Field{"NK1", 30, "name"},
    Field{"NK1", 31, "phone"},      Field{"NK1", 32, "geo"},         Field{"NK1", 33, "mrn"},
    Field{"NK1", 37, "ssn"},        Field{"PV1", 7, "name"},         Field{"PV1", 8, "name"},
    Field{"PV1", 9, "name"},        Field{"PV1", 17, "name"},        Field{"PV1", 19, "account"},
    Field{"PV1", 44, "date"},       Field{"PV1", 45, "date"},        Field{"PV1", 50, "account"},
    Field{"PV1", 52, "name"},       Field{"PV2", 8, "date"},         Field{"PV2", 9, "date"},
    Field{"MRG", 1, "mrn"},         Field{"MRG", 3, "account"},      Field{"MRG", 4, "mrn"},
    Field{"MRG", 7, "name"},        Field{"GT1", 2, "account"},      Field{"GT1", 3, "name"},
    Field{"GT1", 4, "name"},        Field{"GT1", 5, "geo"},          Field{"GT1", 6, "phone"},
    Field{"GT1", 7, "phone"},       Field{"GT1", 8, "date"},         Field{"GT1", 12, "ssn"},
    Field{"GT1", 17, "geo"},        Field{"GT1", 18, "phone"},       Field{"IN1", 2, "health_plan"},
    Field{"IN1", 8, "health_plan"}, Field{"IN1", 10, "health_plan"}, Field{"IN1", 16, "name"},
    Field{"IN1", 18, "date"},       Field{"IN1", 19, "geo"},         Field{"IN1", 36, "health_plan"},
    Field{"IN1", 44, "geo"},        Field{"IN1", 49, "health_plan"}, Field{"IN2", 1, "health_plan"},
    Field{"IN2", 2, "ssn"},         Field{"IN2", 6, "health_plan"},  Field{"IN2", 8, "health_plan"},
    Field{"IN2", 40, "name"},       Field{"IN2", 52, "name"},        Field{"IN2", 61, "health_plan"},
    Field{"IN2", 63, "phone"},      Field{"ACC", 1, "date"},         Field{"AL1", 3, "clinical"},
    Field{"AL1", 5, "clinical"},    Field{"DG1", 4, "clinical"},     Field{"DG1", 5, "date"},
    Field{"DG1", 16, "name"},       Field{"PR1", 4, "clinical"},     Field{"PR1", 5, "date"},
    Field{"OBR", 7, "date"},        Field{"OBR", 8, "date"},         Field{"OBR", 10, "name"},
    Field{"OBR", 13, "clinical"},   Field{"OBR", 14, "date"},        Field{"OBR", 16, "name"},
    Field{"OBR", 17, "phone"},      Field{"OBR", 28, "name"},        Field{"OBX", 5, "clinical"},
    Field{"OBX", 14, "date"},       Field{"OBX", 16, "name"},        Field{"OBX", 18, "device"},
    Field{"ORC", 10, "name"},       Field{"ORC", 11, "name"},        Field{"ORC", 12, "name"},
    Field{"ORC", 14, "phone"},      Field{"NTE", 3, "clinical"},     Field{"SCH", 12, "name"},
    Field{"SCH", 13, "phone"},      Field{"SCH", 14, "geo"},         Field{"SCH", 16, "name"},
    Field{"SCH", 17, "phone"},      Field{"AIP", 3, "name"},         Field{"RXA", 10, "name"},
    Field{"RXE", 13, "name"},       Field{"RXE", 15, "account"},     Field{"ROL", 4, "name"},
    Field{"STF", 3, "name"},        Field{"STF", 6, "date"},         Field{"STF", 10, "phone"},
    Field{"STF", 11, "geo"},        Field{"CTD", 2, "name"},         Field{"CTD", 3, "geo"},
    Field{"CTD", 5, "phone"},       Field{"TXA", 9, "name"},         Field{"FT1", 4, "date"},
    Field{"FT1", 20, "name"},       Field{"FT1", 21, "name"}};

// Nothing of a person in them: they stay as they are.
constexpr std::array<std::string_view, 7> kHeaders{"MSH", "EVN", "MSA", "FHS", "BHS", "BTS", "FTS"};
constexpr std::array<std::string_view, 40> kOthers{
    "PID", "PD1", "NK1", "PV1", "PV2", "MRG", "GT1", "IN1", "IN2", "IN3", "ACC", "AL1", "DG1", "PR1",
    "OBR", "OBX", "ORC", "NTE", "SCH", "AIP", "AIS", "AIG", "AIL", "RXA", "RXE", "RXO", "RXR", "ROL",
    "STF", "CTD", "TXA", "FT1", "SPM", "ERR", "QRD", "QPD", "RGS", "TQ1", "UB1", "UB2"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view kind_of_field(std::string_view segment, int number) {
  for (const Field& field : kFields)
    if (field.segment == segment && field.number == number) return field.kind;
  return {};
}

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), bytes::is_digit);
}

// What says where a number is from or what kind of name it is (HL7 2.5.1, 2.A: CX, XAD, XPN, XTN).
bool component_stays(std::string_view kind, int component, std::string_view part) {
  if (part.size() < 2 || part == "\"\"" || is_uuid(part)) return true;
  if (kind == "geo") return component == 4 || component == 6 || component == 7;  // state, country, type
  if (kind == "name") return component == 7;
  if (kind == "phone") return !has_digit(part) && part.find('@') == part.npos;
  if (kind == "date") return !has_digit(part);
  return component >= 4 || !has_digit(part);
}

// Some systems leave fields out and shift the others: where people are, QUILLON^ADALYN is one, and a field
// of components with a street number is where she lives.
std::string_view kind_of_shifted(std::string_view segment, std::string_view field) {
  constexpr std::array<std::string_view, 5> kOfPeople{"PID", "NK1", "GT1", "IN1", "IN2"};
  const auto caret = field.find('^');
  if (!has(kOfPeople, segment) || caret == field.npos) return {};
  if (bytes::is_digit(field.front())) return field.find(' ') < caret ? "geo" : "";
  const auto rest = field.substr(caret + 1);
  const auto second = rest.substr(0, rest.find('^'));
  const bool letters = !has_digit(field) && caret >= 3 && second.size() >= 2;
  return letters ? "name" : "";
}

}  // namespace

bool Hl7Text::is_segment(std::string_view line) {
  if (line.size() > 3 && line.front() == '\v') line.remove_prefix(1);  // MLLP
  if (line.size() < 4 || line[3] != '|') return false;
  const auto name = line.substr(0, 3);
  return has(kHeaders, name) || has(kOthers, name) ||
         (name.front() == 'Z' && bytes::all(name, bytes::upper | bytes::digit));
}

void Hl7Text::write(std::string_view line) {
  while (!line.empty()) {
    const auto cr = line.find('\r');
    const auto segment = line.substr(0, cr);
    if (is_segment(segment))
      write_segment(segment);
    else
      plain_.write(segment);
    if (cr == line.npos) return;
    sink_.keep('\r');
    line.remove_prefix(cr + 1);
  }
}

void Hl7Text::write_segment(std::string_view segment) {
  if (segment.front() == '\v') {
    sink_.keep('\v');
    segment.remove_prefix(1);
  }
  const auto name = segment.substr(0, 3);
  if (has(kHeaders, name)) return sink_.keep(segment);
  sink_.keep(name);
  segment.remove_prefix(3);
  for (int number = 1; !segment.empty(); ++number) {
    sink_.keep('|');
    segment.remove_prefix(1);
    const auto end = std::min(segment.find('|'), segment.size());
    write_field(name, number, segment.substr(0, end));
    segment.remove_prefix(end);
  }
}

// ~ between repetitions, ^ and & between components: they stay, so that a reader sees which were filled.
void Hl7Text::write_field(std::string_view segment, int number, std::string_view field) {
  auto kind = kind_of_field(segment, number);
  if (kind.empty()) kind = kind_of_shifted(segment, field);
  if (kind.empty()) return plain_.write(field);
  if (kind == "clinical") return field.empty() ? void() : sink_.remove("HL7", kind, field);
  int component = 1;
  while (!field.empty()) {
    const auto end = std::min(field.find_first_of("^~&"), field.size());
    const auto part = field.substr(0, end);
    if (component_stays(kind, component, part))
      sink_.keep(part);
    else
      sink_.remove("HL7", kind, part);
    if (end == field.size()) return;
    if (field[end] == '^') ++component;
    if (field[end] == '~') component = 1;
    sink_.keep(field[end]);
    field.remove_prefix(end + 1);
  }
}

}  // namespace pgward::rules
