#include <CLI/CLI.hpp>
#include <chrono>

#include "proxy/cli/audit_export.h"
#include "proxy/cli/audit_questions.h"
#include "proxy/cli/audit_tail.h"
#include "proxy/cli/audit_verify.h"
#include "proxy/cli/commands.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  VerifyArguments verify;
  ProveArguments prove;
  HoldArguments hold;
  SubjectArguments subject;
  std::string directory, instance = "pgward";
  std::size_t count = 20;
  bool json = false, unrecorded = false;
};
using Shared = std::shared_ptr<Arguments>;

CLI::App* part(CLI::App& audit, const char* name, const char* about, std::string& directory, bool& json) {
  CLI::App* command = audit.add_subcommand(name, about);
  command->add_option("DIRECTORY", directory, "the audit directory")->required();
  command->add_flag("--json", json, "as JSON");
  return command;
}

void add_verify(CLI::App& audit, const Shared& arguments, int& status) {
  auto& verify = arguments->verify;
  CLI::App* command = part(audit, "verify", "Check chain, tree, checkpoints and anchors; names the first bad record "
                           "(exit status 0 intact, 1 broken, 2 not checked, 3 to be explained)", verify.directory, verify.json);
  command->add_option("--key", verify.key, "the log's first verifier key, kept elsewhere");
  command->add_option("--anchor", verify.anchors, "a directory that holds its checkpoints; may be given more than once");
  command->callback([arguments, &status] { status = verify_trail(arguments->verify); });
}

void add_prove(CLI::App& audit, const Shared& arguments, int& status) {
  auto& wanted = arguments->prove;
  CLI::App* command = part(audit, "prove", "Prove that a record is in the log, or with --from that the log grew from that size", wanted.directory, wanted.json);
  auto* seq = command->add_option("SEQ", wanted.seq, "number of the record");
  auto* from = command->add_option("--from", wanted.from, "older size of the log");
  seq->excludes(from);
  command->callback([arguments, seq, from, &status] {
    if (seq->count() + from->count() != 1) throw CLI::RequiredError("SEQ or --from");
    status = prove(arguments->prove);
  });
}

void add_hold(CLI::App& audit, const Shared& arguments, int& status) {
  auto& wanted = arguments->hold;
  CLI::App* command = audit.add_subcommand("hold", "Keep the records of some days from being purged, release a hold, or list them; the running pgward records it");
  command->add_option("DIRECTORY", wanted.directory, "the audit directory")->required();
  command->add_option("NAME", wanted.name, "of the hold; none: list them");
  command->add_option("--from", wanted.from, "first day, YYYY-MM-DD");
  command->add_option("--to", wanted.to, "last day");
  command->add_option("--reason", wanted.reason, "why, without any patient's data");
  command->add_flag("--release", wanted.release, "end it");
  command->callback([arguments, &status] { status = hold(arguments->hold); });
}

void add_subject(CLI::App& audit, const Shared& arguments, int& status) {
  auto& wanted = arguments->subject;
  CLI::App* command = audit.add_subcommand("subject", "Print the pseudonym under which a patient (with --table: a record) stands in the trail, behind the id of its key");
  command->add_option("KEY", wanted.key, "the key's columns, in the policy's order")->required();
  command->add_option("--keys", wanted.keys, "the directory of tenants' keys (audit.subject_keys in the configuration)")->required();
  command->add_option("--tenant", wanted.tenant, "ATTRIBUTE=VALUE, once for each attribute, in the policy's order; none: of roles without a tenant");
  command->add_option("--table", wanted.table, "schema.table: a record's");
  command->callback([arguments, &status] { status = show_pseudonym(arguments->subject); });
}

void add_keygen(CLI::App& audit, const Shared& arguments, int& status) {
  CLI::App* command = audit.add_subcommand("keygen", "Make the first signing key of a log that is to be begun; prints its verifier key");
  command->add_option("DIRECTORY", arguments->directory, "of keys (audit.keys in the configuration)")->required();
  command->add_option("--instance", arguments->instance, "audit.instance in the configuration")->capture_default_str();
  command->callback([arguments, &status] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    status = make_key(arguments->directory, arguments->instance, std::chrono::duration_cast<std::chrono::microseconds>(now).count());
  });
}

void add_export(CLI::App& audit, int& status) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = audit.add_subcommand("export", "Write the records, each complete, to standard output");
  command->add_option("DIRECTORY", arguments->directory, "the audit directory")->required();
  command->add_option("--format", arguments->format, "json, ocsf, fhir or csv")->capture_default_str()->check(CLI::IsMember({"json", "ocsf", "fhir", "csv"}));
  command->add_option("--from", arguments->from, "first day, YYYY-MM-DD, or moment");
  command->add_option("--to", arguments->to, "last day or moment");
  command->add_option("--type", arguments->types, "of records, or its beginning: stmt.deny, stmt; may be given more than once");
  command->add_flag("--unrecorded", arguments->unrecorded, "also where it cannot be recorded that the trail is read, as in a copy of it");
  command->callback([arguments, &status] { status = export_trail(*arguments); });
}

void add_sink_ddl(CLI::App& audit, int& status) {
  struct Names {
    std::string table = "pgward_audit", user;
  };
  auto names = std::make_shared<Names>();
  CLI::App* command = audit.add_subcommand("sink-ddl", "Print the statements that make the table of a sink of kind postgresql");
  command->add_option("--table", names->table, "as in its configuration")->capture_default_str()->check([](const std::string& name) {
    return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == name.npos ? "" : "a table or schema.table, of a-z 0-9 and _";
  });
  command->add_option("--user", names->user, "who may insert");
  command->callback([names, &status] { status = print_sink_ddl(names->table, names->user); });
}

}  // namespace

void add_audit(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("audit", "Verify and read the audit trail");
  command->require_subcommand(1);
  add_verify(*command, arguments, status);
  add_prove(*command, arguments, status);
  add_hold(*command, arguments, status);
  add_keygen(*command, arguments, status);
  add_export(*command, status);
  add_sink_ddl(*command, status);
  add_subject(*command, arguments, status);
  add_questions(*command, status);
  CLI::App* latest = part(*command, "checkpoint", "Show the checkpoint that was signed last", arguments->directory, arguments->json);
  latest->callback([arguments, &status] { status = show_checkpoint(arguments->directory, arguments->json); });
  CLI::App* tailing = command->add_subcommand("tail", "Show the last records");
  tailing->add_option("DIRECTORY", arguments->directory, "the audit directory")->required();
  tailing->add_option("-n", arguments->count, "how many")->capture_default_str();
  tailing->add_flag("--unrecorded", arguments->unrecorded, "of a copy of a log, where it cannot be recorded that it was read");
  tailing->callback([arguments, &status] { status = tail(arguments->directory, arguments->count, arguments->unrecorded); });
}

}  // namespace pgward::proxy
