#include <cstdio>
#include <nlohmann/json.hpp>

#include "audit/base64.h"
#include "audit/keyring.h"
#include "audit/retention.h"
#include "audit/timestamp.h"
#include "audit/tree_reader.h"
#include "proxy/cli/audit_verify.h"

namespace pgward::proxy {
namespace {

using nlohmann::ordered_json;

std::vector<std::string> texts(const audit::MerklePath& path) {
  std::vector<std::string> list;
  for (const audit::Hash& hash : path) list.push_back(audit::to_base64(audit::bytes_of(hash)));
  return list;
}

int cannot(const std::string& why) {
  std::fprintf(stderr, "pgward audit: %s\n", why.c_str());
  return 2;
}

// Of the checkpoint whose tree the proof leads to.
void show(const ordered_json& proof, bool json) {
  if (json) {
    std::printf("%s\n", proof.dump(2).c_str());
    return;
  }
  for (const auto& [name, value] : proof.items()) {
    if (name == "checkpoint" || name == "proof") continue;
    std::printf("%s: %s\n", name.c_str(), value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
  }
  std::printf("proof:\n");
  for (const auto& hash : proof["proof"]) std::printf("  %s\n", hash.get<std::string>().c_str());
  std::printf("checkpoint:\n%s", proof["checkpoint"].get<std::string>().c_str());
}

// A day of UTC: its first moment, or its last.
std::optional<std::int64_t> day(const std::string& text, bool last) { return audit::timestamp_us(text + (last ? "T23:59:59.999999Z" : "T00:00:00.000000Z")); }

}  // namespace

int show_checkpoint(const std::string& directory, bool json) {
  const auto last = audit::last_checkpoint(directory);
  if (!last) return cannot(directory + ": there is no checkpoint here");
  if (json) {
    const auto& said = last->checkpoint;
    std::printf("%s\n", ordered_json{{"origin", said.origin}, {"size", said.size}, {"root", audit::hex_of(said.root)}, {"epoch", said.epoch}, {"note", last->note}}.dump(2).c_str());
  } else {
    std::printf("%s", last->note.c_str());
  }
  return 0;
}

int prove(const ProveArguments& arguments) {
  const auto last = audit::last_checkpoint(arguments.directory);
  if (!last) return cannot(arguments.directory + ": there is no checkpoint here that a proof could lead to");
  const std::uint64_t size = last->checkpoint.size;
  ordered_json out{{"kind", arguments.from != 0 ? "consistency" : "inclusion"}, {"size", size}};
  if (arguments.from != 0) {
    const auto path = audit::prove_growth(arguments.directory, arguments.from, size);
    if (const auto* wrong = std::get_if<std::string>(&path)) return cannot(*wrong);
    const auto then = audit::tree_at(arguments.directory, arguments.from);
    if (!then) return cannot("the log does not hold its beginning any more");
    out["old_size"] = arguments.from;
    out["old_root"] = audit::to_base64(audit::bytes_of(then->root()));
    out["proof"] = texts(std::get<audit::MerklePath>(path));
  } else {
    const auto proof = audit::prove_record(arguments.directory, arguments.seq, size);
    if (const auto* wrong = std::get_if<std::string>(&proof)) return cannot(*wrong);
    out["seq"] = arguments.seq;
    out["record"] = std::get<audit::RecordProof>(proof).line;
    out["proof"] = texts(std::get<audit::RecordProof>(proof).path);
  }
  out["checkpoint"] = last->note;
  show(out, arguments.json);
  return 0;
}

int hold(const HoldArguments& arguments) {
  const auto known = audit::read_holds(arguments.directory);
  if (const auto* wrong = std::get_if<std::string>(&known)) return cannot(*wrong);
  if (arguments.name.empty()) {
    for (const auto& one : std::get<std::vector<audit::Hold>>(known)) {
      std::string from, to;
      audit::append_timestamp(from, one.from_us);
      audit::append_timestamp(to, one.to_us);
      std::printf("%s  %s to %s  %s\n", one.name.c_str(), from.substr(0, 10).c_str(), to.substr(0, 10).c_str(), one.reason.c_str());
    }
    return 0;
  }
  std::optional<audit::Hold> wanted;
  if (!arguments.release) {
    const auto from = day(arguments.from, false), to = day(arguments.to, true);
    if (!from || !to || *from > *to || arguments.reason.empty()) return cannot("a hold wants --from and --to, days as in 2026-11-22, and --reason");
    wanted = audit::Hold{arguments.name, arguments.reason, *from, *to};
  }
  const std::string wrong = audit::write_hold(arguments.directory, arguments.name, wanted);
  return wrong.empty() ? 0 : cannot(wrong);
}

int make_key(const std::string& directory, const std::string& instance, std::int64_t now_us) {
  const auto made = audit::Keyring::create(directory, instance, now_us);
  if (const auto* wrong = std::get_if<std::string>(&made)) return cannot(*wrong);
  std::printf("%s\n", std::get<audit::Keyring>(made).key().text().c_str());
  return 0;
}

}  // namespace pgward::proxy
