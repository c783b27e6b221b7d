#include "proxy/evidence/gather.h"

#include "audit/complete.h"
#include "audit/read.h"
#include "audit/retention.h"
#include "audit/sha256.h"
#include "audit/timestamp.h"
#include "proxy/evidence/in_force.h"
#include "proxy/evidence/page.h"
#include "proxy/evidence/tally.h"
#include "proxy/serve/break_glass_book.h"

namespace pgward::proxy {
namespace {

std::string utc(std::int64_t time_us) {
  std::string text;
  audit::append_timestamp(text, time_us);
  return text;
}

std::string place_text(const audit::BadRecord& bad) {
  std::string text = bad.file.filename().string();
  return text.append(":").append(std::to_string(bad.line)).append(", record ").append(std::to_string(bad.seq)).append(": ").append(bad.reason);
}

std::string verdict(const audit::VerifyReport& report) {
  if (!report.error.empty()) return "could not be checked: " + report.error;
  if (report.first_bad) return "BROKEN at " + place_text(*report.first_bad);
  if (!report.signing.first_key) return "not signed";
  return report.questions.empty() ? "intact" : "intact, but something has to be explained";
}

EvidenceSection trail_section(const audit::VerifyReport& report, const Config& config, bool key_given) {
  EvidenceSection out{"trail", "The audit trail", {}, {}};
  EvidenceTable facts{"Verified when this was made", {"what", "value"}, {}};
  const auto add = [&](const char* name, std::string value) { facts.rows.push_back({name, std::move(value)}); };
  add("verdict", verdict(report));
  add("records", std::to_string(report.records));
  add("head", report.head);
  add("root of the tree", report.root);
  if (report.signing.first_key) {
    add("log", report.signing.origin);
    add(key_given ? "first key, as given" : "first key, by the log's own word", report.signing.first_key->text());
    add("checkpoints", std::to_string(report.signing.checkpoints));
    add("last checkpoint", utc(report.signing.time_us) + " of " + std::to_string(report.signing.size) + " records");
    add("checkpoints that anchors hold", std::to_string(report.signing.anchored));
  }
  out.tables.push_back(std::move(facts));
  EvidenceTable questions{"To be explained", {"where, and what"}, {}};
  for (const auto& one : report.questions) questions.rows.push_back({place_text(one)});
  out.tables.push_back(std::move(questions));
  EvidenceTable holds{"Legal holds", {"name", "from", "to", "reason"}, {}};
  const auto found = audit::read_holds(config.audit.directory);
  if (const auto* wrong = std::get_if<std::string>(&found)) out.notes.push_back("The holds cannot be read, so nothing is purged: " + *wrong);
  else
    for (const audit::Hold& one : std::get<std::vector<audit::Hold>>(found)) holds.rows.push_back({one.name, utc(one.from_us), utc(one.to_us), one.reason});
  out.tables.push_back(std::move(holds));
  if (const auto purged = audit::last_purge(config.audit.directory))
    out.notes.push_back("Purged: the first " + std::to_string(purged->size) + " records, behind a record of it.");
  return out;
}

EvidenceSection emergency_section(const Openings& openings, const EvidenceWanted& wanted) {
  EvidenceSection out{"emergencies", "Emergency access", {}, {}};
  if (!openings.error.empty()) out.notes.push_back("The trail could not be read to its end: " + openings.error);
  EvidenceTable all{"", {"id", "who", "role", "reason", "tenant", "opened", "closed", "signed off by", "at"}, {}};
  std::size_t open = 0;
  for (const Opening& one : openings.list) {
    const auto at = audit::timestamp_us(one.opened_at);
    if (!at || *at < wanted.from_us || *at > wanted.to_us) continue;
    all.rows.push_back({one.id, one.who.subject, one.who.role, one.reason, one.tenant_text, one.opened_at, one.closed_at, one.signed_by, one.signed_at});
    open += one.signed_at.empty() ? 1 : 0;
  }
  out.notes.push_back(std::to_string(open) + " of these openings have not been signed off by anybody.");
  out.tables.push_back(std::move(all));
  return out;
}

}  // namespace

Gathered gather_evidence(const Config& config, const EvidenceWanted& wanted) {
  Gathered out;
  const audit::VerifyReport report = audit::verify(config.audit.directory, wanted.verify);
  Tally tally({wanted.from_us, wanted.to_us, wanted.samples, wanted.seed});
  audit::Completer completer;
  out.error = audit::for_each_line(config.audit.directory, [&](const audit::StoredLine& line) {
    const auto fed = completer.feed(line.text);
    if (const auto* event = std::get_if<audit::CompleteEvent>(&fed)) tally.take(*event);
    return true;
  });
  if (!out.error.empty()) return out;
  out.intact = report.error.empty() && !report.first_bad && report.signing.first_key && report.questions.empty();

  const auto policy = config.policy.empty() ? std::optional<std::string>("") : read_file(config.policy);
  if (!policy) {
    out.error = config.policy.string() + ": cannot be read";
    return out;
  }
  EvidencePage page{"Evidence from pgward", {}, tally.sections()};
  page.about = {{"days", utc(wanted.from_us) + " to " + utc(wanted.to_us)}, {"made", utc(wanted.now_us)}, {"trail", verdict(report)},
                {"log", report.signing.first_key ? report.signing.origin : "not signed"}, {"records of these days", std::to_string(tally.records())},
                {"samples", std::to_string(tally.samples().size()) + " of these days' statements, drawn with seed " + std::to_string(wanted.seed)}};
  page.sections.insert(page.sections.begin(), trail_section(report, config, wanted.verify.key.has_value()));
  page.sections.push_back(emergency_section(read_openings(config.audit.directory), wanted));
  page.sections.push_back(configuration_section(config, audit::sha256_hex(*policy), tally.policies()));
  EvidenceSection samples{"samples", "Samples", {"samples.jsonl: records drawn at random, with what earlier records of their session said (docs/audit-format.md)."}, {}};
  page.sections.push_back(std::move(samples));
  std::string lines;
  for (const std::string& one : tally.samples()) lines.append(one).append("\n");
  out.files = {{"index.html", html_of(page)}, {"evidence.json", json_of(page)}, {"samples.jsonl", std::move(lines)}, {"policy.yaml", *policy}};
  for (const auto& [name, text] : page.about) out.about.push_back(name + ": " + text);
  out.about.push_back("root: " + report.root + " of " + std::to_string(report.records) + " records");
  return out;
}

}  // namespace pgward::proxy
