// `pgward audit who-saw` and its like: options, and which function answers.
#include <CLI/CLI.hpp>

#include "proxy/cli/audit_questions.h"
#include "proxy/questions/keep_index.h"
#include "proxy/questions/questions.h"

namespace pgward::proxy {
namespace {

// A question's own options are added to `command` by who made it; they live as long as its callback does.
template <class Wanted>
struct Offered {
  CLI::App* command;
  std::shared_ptr<Asking> asking;
  std::shared_ptr<Wanted> wanted;
};

void add_common(CLI::App* command, const std::shared_ptr<Asking>& asking) {
  command->add_option("--log", asking->log, "the audit directory");
  command->add_option("--config", asking->config, "the configuration, which names it and where the tenants' keys are")->envname("PGWARD_CONFIG");
  command->add_option("--subject-keys", asking->subject_keys, "directory of the tenants' keys");
  command->add_option("--from", asking->from, "2026-11-22, 2026-11-22Z (a day of UTC), 2026-11-22T14:30");
  command->add_option("--to", asking->to, "the last day or moment");
  command->add_option("--tenant", asking->tenants, "clinic_id=7, or none; may be given more than once");
  command->add_flag("--json", asking->json, "as JSON")->excludes(command->add_flag("--csv", asking->csv, "as CSV"));
  command->add_option("--limit", asking->limit, "rows at most")->capture_default_str();
  command->add_flag("--all", asking->all, "however many");
  command->add_option("--proofs", asking->proofs, "write a proof of each record into this directory");
  command->add_flag("--verify", asking->verify, "verify the trail, also a large one");
  command->add_option("--key", asking->key, "the log's first verifier key, kept elsewhere");
  command->add_option("--anchor", asking->anchors, "a directory that holds its checkpoints");
  command->add_flag("--unrecorded", asking->unrecorded, "also where it cannot be recorded that this was asked");
}

template <class Wanted>
Offered<Wanted> question(CLI::App& audit, const char* name, const char* about, int& status, int (*answer)(const Asking&, const Wanted&)) {
  Offered<Wanted> made{audit.add_subcommand(name, about), std::make_shared<Asking>(), std::make_shared<Wanted>()};
  add_common(made.command, made.asking);
  made.command->callback([asking = made.asking, wanted = made.wanted, answer, &status] { status = answer(*asking, *wanted); });
  return made;
}

void add_pseudonym(CLI::App* command, const std::shared_ptr<Asking>& asking) {
  command->add_option("--pseudonym", asking->pseudonyms, "as it stands in the log: 32 hex digits");
}

void add_people(CLI::App& audit, int& status) {
  const auto person = [&](const char* name, const char* about, int (*answer)(const Asking&, const WhoSaw&)) {
    const auto [command, asking, wanted] = question(audit, name, about, status, answer);
    command->add_option("SUBJECT", wanted->subjects, "the person's key, as the policy's `subject` column holds it; several columns: a JSON list; -: from standard input, a line each");
    add_pseudonym(command, asking);
  };
  person("who-saw", "Who saw this person's records, or asked for them", &who_saw);
  person("accounting", "The accounting of disclosures of one person (45 CFR 164.528)", &accounting);
}

void add_users(CLI::App& audit, int& status) {
  const auto did = question(audit, "what-did", "All that a user did", status, &what_did);
  did.command->add_option("USER", did.wanted->user, "the subject of the user's credentials")->required();
  did.command->add_option("--issuer", did.wanted->issuer, "only of credentials of this issuer");

  const auto in = question(audit, "logins", "Who logged in, and who failed to", status, &logins);
  in.command->add_flag("--failed", in.wanted->failed, "only those that failed");
  in.command->add_option("--by", in.wanted->by, "count by user, ip, reason, role, day")->delimiter(',');
}

void add_records(CLI::App& audit, int& status) {
  const auto [command, asking, wanted] = question(audit, "query", "Records, by filters", status, &query);
  command->add_option("--type", wanted->types, "stmt.read, session.*; may be given more than once");
  command->add_option("--user", wanted->user, "subject of the credential");
  command->add_option("--session", wanted->session, "id of a session");
  command->add_option("--credential", wanted->credential, "id of a credential");
  command->add_option("--table", wanted->table, "schema.name");
  command->add_option("--action", wanted->action, "what was done with the table: C, R, U, D");
  command->add_option("--phi", wanted->phi, "a kind of PHI among its columns");
  command->add_option("--op", wanted->op, "SELECT, ...");
  command->add_option("--sqlstate", wanted->sqlstate, "how it ended");
  command->add_option("--address", wanted->address, "where it came from");
}

void add_breach(CLI::App& audit, int& status) {
  const auto of = question(audit, "breach", "Whom a breach touches: people, identifiers, viewed or only queried, the 60 days", status, &breach);
  of.command->add_option("--user", of.wanted->user, "whose sessions they were");
  of.command->add_option("--credential", of.wanted->credential, "under which credential");
  of.command->add_option("--discovered", of.wanted->discovered, "the day the breach was known; default: today");

  const auto [command, asking, wanted] = question(audit, "history", "Previous and new values of a record, who changed it when", status, &history);
  command->add_option("TABLE", wanted->table, "schema.name; without a schema: public")->required();
  command->add_option("KEY", wanted->record, "the record's key, as the policy's `record` columns hold it; several: a JSON list; -: from standard input");
  add_pseudonym(command, asking);
}

void add_state(CLI::App& audit, int& status) {
  const auto covered = question(audit, "coverage", "What was recorded, where something could not be, and what the database counted", status, &coverage);
  covered.command->add_option("--dsn", covered.wanted->dsn, "the database: compare with its own counters, and see who is connected");

  const auto some = question(audit, "sample", "Statements at random", status, &sample);
  some.command->add_option("-n,--n", some.wanted->count, "how many")->capture_default_str();
  some.command->add_option("--seed", some.wanted->seed, "a number: the same one gives the same statements");
}

int review_or_sign(const Asking& asking, const Review& wanted) { return wanted.sign_case.empty() ? review(asking, wanted) : sign_review(asking, wanted); }

void add_review(CLI::App& audit, int& status) {
  const auto [command, asking, wanted] = question(audit, "review", "What somebody should look at: emergencies, watched people, own records, after hours, many people, refusals, failed log-ins", status, &review_or_sign);
  command->add_option("--hours", wanted->hours, "work, by the clock of this computer")->capture_default_str();
  command->add_option("--people", wanted->people_a_day, "so many people of one user on one day are a case")->capture_default_str();
  command->add_option("--refusals", wanted->refusals, "so many of one user on one day")->capture_default_str();
  command->add_option("--failures", wanted->failures, "so many log-ins from one address on one day")->capture_default_str();
  command->add_option("--watch", wanted->watched, "key of a person whose records are looked at by name; may be given more than once; -: from standard input");
  command->add_option("--own", wanted->own, "file of USER KEY lines: users' own records, and their families'");
  command->add_flag("--overdue", wanted->overdue, "only those that nobody has signed in time; exit status 3 when there are some");
  command->add_option("--overdue-hours", wanted->overdue_hours, "that time")->capture_default_str();
  command->add_option("--sign", wanted->sign_case, "sign off this case")->needs(command->add_option("--result", wanted->result, "in-order, explained, incident"));
}

void add_index(CLI::App& audit, int& status) {
  auto directory = std::make_shared<std::string>();
  auto check = std::make_shared<bool>(false);
  CLI::App* command = audit.add_subcommand("index", "Make the indexes that are missing; the running pgward does when a segment is sealed");
  command->add_option("DIRECTORY", *directory, "the audit directory")->required();
  command->add_flag("--check", *check, "compare each with its segment instead (exit status 1: one is not as it must be)");
  command->callback([directory, check, &status] { status = keep_index(*directory, *check); });
}

}  // namespace

void add_questions(CLI::App& audit, int& status) {
  add_people(audit, status);
  add_users(audit, status);
  add_records(audit, status);
  add_breach(audit, status);
  add_state(audit, status);
  add_review(audit, status);
  add_index(audit, status);
}

}  // namespace pgward::proxy
