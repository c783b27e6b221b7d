// `pgward evidence`: one signed folder for those who ask for evidence, and its verification.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "proxy/cli/commands.h"
#include "proxy/cli/configured.h"
#include "proxy/evidence/gather.h"
#include "proxy/evidence/safeguards.h"
#include "proxy/questions/reading.h"
#include "proxy/questions/when.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  std::string config, from, to, out, key_file, log_key, name, directory, key;
  std::vector<std::string> anchors;
  std::size_t samples = 25;
  std::uint64_t seed = 0;
  bool unrecorded = false;
};
using Shared = std::shared_ptr<Arguments>;

int fail(const std::string& text, int status = 2) {
  std::fprintf(stderr, "pgward evidence: %s\n", text.c_str());
  return status;
}

// That somebody took this much out of the trail is recorded in it, before there is a folder.
std::string record(const Config& config, const EvidenceWanted& wanted) {
  return record_reading(config.audit.directory, "evidence", {{"from", utc_text(wanted.from_us)}, {"to", utc_text(wanted.to_us)}});
}

int make(const Arguments& arguments) {
  const auto from = when(arguments.from, false), to = when(arguments.to, true);
  if (!from || !to || *from > *to) return fail("--from and --to are days (2026-11-01) or moments (2026-11-01T14:30Z), in this order");
  EvidenceWanted wanted{*from, *to, unix_now_us(), arguments.samples, arguments.seed, {}};
  if (!arguments.log_key.empty() && !(wanted.verify.key = audit::NoteKey::of_text(arguments.log_key)))
    return fail("--log-key is no verifier key; pgward audit keygen printed it");
  wanted.verify.anchors.assign(arguments.anchors.begin(), arguments.anchors.end());
  auto key = read_evidence_key(arguments.key_file);
  if (const auto* wrong = std::get_if<std::string>(&key)) return fail(*wrong);
  const auto config = configured(arguments.config);
  if (!config) return 2;
  for (const AnchorPlace& anchor : config->audit.anchors)
    if (!anchor.directory.empty()) wanted.verify.anchors.push_back(anchor.directory);
  if (!arguments.unrecorded)
    if (const std::string wrong = record(*config, wanted); !wrong.empty())
      return fail("that the trail was read cannot be recorded, so it is not read: " + wrong + " (--unrecorded reads all the same, and says so)");
  Gathered gathered = gather_evidence(*config, wanted);
  if (!gathered.error.empty()) return fail(gathered.error);
  if (arguments.unrecorded) gathered.about.push_back("not recorded in the trail: asked for with --unrecorded");
  const Written written = write_folder(arguments.out, gathered.files, gathered.about, std::get<EvidenceKey>(key));
  if (!written.error.empty()) return fail(written.error);
  for (const std::string& line : gathered.about) std::printf("%s\n", line.c_str());
  std::printf("written to %s; SHA-256 of the manifest: %s\n", arguments.out.c_str(), written.manifest_sha256.c_str());
  return gathered.intact ? 0 : 3;
}

int check(const Arguments& arguments) {
  const auto key = audit::NoteKey::of_text(arguments.key);
  if (!key) return fail("--key is no verifier key; pgward evidence keygen printed it");
  const FolderCheck found = check_folder(arguments.directory, *key);
  if (!found.error.empty()) return fail(found.error, 1);
  for (const std::string& line : found.about) std::printf("%s\n", line.c_str());
  for (const std::string& line : found.wrong) std::printf("WRONG: %s\n", line.c_str());
  std::printf(found.wrong.empty() ? "as signed by %s\n" : "not as signed by %s\n", found.signed_by.c_str());
  return found.wrong.empty() ? 0 : 1;
}

int make_key(const Arguments& arguments) {
  std::string verifier;
  if (const std::string wrong = make_evidence_key(arguments.key_file, arguments.name, verifier); !wrong.empty()) return fail(wrong);
  std::printf("%s\n", verifier.c_str());
  return 0;
}

}  // namespace

void add_evidence(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("evidence", "One signed folder about some days, for auditors: safeguards, configuration, counts, samples, the trail verified");
  command->add_option("--config", arguments->config, "configuration of pgward");
  command->add_option("--from", arguments->from, "first day, or moment");
  command->add_option("--to", arguments->to, "last one");
  command->add_option("--out", arguments->out, "directory that is to be made");
  command->add_option("--key", arguments->key_file, "file of the key that signs it (pgward evidence keygen)");
  command->add_option("--log-key", arguments->log_key, "the log's first verifier key, kept elsewhere");
  command->add_option("--anchor", arguments->anchors, "a directory that holds checkpoints, besides those of the configuration");
  command->add_option("--samples", arguments->samples, "records drawn at random")->capture_default_str()->check(CLI::Range(0, 10'000));
  command->add_option("--seed", arguments->seed, "of the drawing")->capture_default_str();
  command->add_flag("--unrecorded", arguments->unrecorded, "of a copy of a log, where it cannot be recorded that it was read");
  CLI::App* keygen = command->add_subcommand("keygen", "Make a key that signs evidence; prints its verifier key");
  keygen->add_option("FILE", arguments->key_file, "to be made, mode 0600")->required();
  keygen->add_option("--name", arguments->name, "of who signs, as it is to be shown: compliance.clinic.example")->required();
  keygen->callback([arguments, &status] { status = make_key(*arguments); });
  CLI::App* verify = command->add_subcommand("verify", "Check that a folder is as it was signed (exit status 0 it is, 1 it is not, 2 not checked)");
  verify->add_option("DIRECTORY", arguments->directory, "the folder")->required();
  verify->add_option("--key", arguments->key, "verifier key of who signed it")->required();
  verify->callback([arguments, &status] { status = check(*arguments); });
  CLI::App* list = command->add_subcommand("safeguards", "What is asked of whoever keeps health records, and what answers for it (docs/compliance.md)");
  list->callback([&status] {
    std::fputs(safeguards_markdown().c_str(), stdout);
    status = 0;
  });
  command->callback([arguments, command, &status] {
    if (!command->get_subcommands().empty()) return;
    for (const auto& [name, value] : {std::pair{"--config", &arguments->config}, {"--from", &arguments->from}, {"--to", &arguments->to}, {"--out", &arguments->out}, {"--key", &arguments->key_file}})
      if (value->empty()) throw CLI::RequiredError(name);
    status = make(*arguments);
  });
}

}  // namespace pgward::proxy
