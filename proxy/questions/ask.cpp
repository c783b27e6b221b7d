#include "proxy/questions/ask.h"

#include <algorithm>
#include <cstdio>

#include "audit/log_record.h"
#include "audit/read.h"
#include "audit/verify.h"
#include "proxy/config/config.h"
#include "proxy/questions/proofs.h"
#include "proxy/questions/reading.h"
#include "proxy/questions/when.h"

namespace pgward::proxy {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kVerifiedBytes = 64u << 20;  // a log that is no larger is verified with every answer
constexpr std::size_t kSegmentsCompared = 128;
constexpr std::size_t kListed = 500;  // of what was asked, in the record of it

std::uint64_t bytes_on_disk(const fs::path& directory) {
  std::uint64_t all = 0;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const std::string name = entry->path().filename().string();
    if (name.find(".jsonl") != name.npos) all += entry->file_size(ignored) * (name.ends_with(".gz") ? 8 : 1);
  }
  return all;
}

// The last one, found by the index.
std::optional<audit::SignedCheckpoint> checkpoint_in(TrailView& trail) {
  std::optional<audit::SignedCheckpoint> found;
  static_cast<void>(trail.shelf().find_backwards(audit::IndexKind::type, audit::key_of_type("log.checkpoint"), trail.shelf().last_seq(), [&](const std::vector<audit::IndexHit>& hits) {
    if (const auto line = trail.shelf().line(hits.back().seq)) {
      const auto parsed = audit::parse_line(*line);
      if (const auto* whole = std::get_if<audit::Line>(&parsed)) found = audit::checkpoint_of(whole->members);
    }
    return false;
  }));
  return found;
}

void take_root(const Json& record, std::map<std::string, std::string>& roots) {
  // Of an index of another form it says nothing about ours.
  if (number_in(record, "version") == audit::kIndexVersion) roots[text_in(record, "segment")] = text_in(record, "root");
}

// What the log says of its indexes, by segment. `lines`: read from the records themselves, since an index may keep back what was said of it.
std::map<std::string, std::string> roots_named(TrailView& trail, bool lines) {
  std::map<std::string, std::string> roots;
  if (!lines) {
    std::vector<audit::IndexHit> hits;
    static_cast<void>(trail.shelf().find(audit::IndexKind::type, audit::key_of_type("log.index"), {}, hits));
    for (const audit::IndexHit& hit : hits) take_root(trail.record(hit.seq), roots);
    return roots;
  }
  static_cast<void>(audit::for_each_line(trail.directory(), [&](const audit::StoredLine& line) {
    const auto parsed = audit::parse_line(line.text);
    const auto* whole = std::get_if<audit::Line>(&parsed);
    if (whole == nullptr || whole->type != "log.index") return true;
    take_root(Json::parse(line.text, nullptr, false), roots);
    return true;
  }));
  return roots;
}

// Of sealed segments: how many have an index whose root the log itself names. False: one has another.
bool index_state(TrailView& trail, bool verify, Answer& answer) {
  const auto states = trail.shelf().states();
  const auto& all = std::get<std::vector<audit::IndexShelf::State>>(states);
  const auto sealed = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const auto& one) { return one.sealed; }));
  Json& said = answer.source["index"] = {{"sealed_segments", sealed}};
  if (!verify && sealed > kSegmentsCompared) {
    answer.notes.push_back("the indexes of the segments were not compared with what the log says of them (--verify does)");
    return true;
  }
  const auto roots = roots_named(trail, verify);
  std::size_t same = 0, other = 0;
  for (const auto& one : all) {
    const auto named = one.sealed ? roots.find(audit::segment_name(one.shape.number)) : roots.end();
    if (named != roots.end()) ++(named->second == audit::hex_of(one.root) ? same : other);
  }
  said["roots_in_the_log"] = same;
  if (const std::size_t unnamed = sealed - same - other; unnamed > 0) {
    said["roots_not_in_the_log"] = unnamed;
    answer.notes.push_back("the log does not say (yet) what the indexes of " + std::to_string(unnamed) + " segments must be: pgward audit index --check compares them with their lines");
  }
  if (other == 0) return true;
  said["roots_that_differ"] = other;
  answer.notes.push_back("the index of a segment is not the one that the log names: run pgward audit index --check; this answer may leave something out");
  return false;
}

}  // namespace

int cannot_answer(const std::string& why) {
  std::fprintf(stderr, "pgward audit: %s\n", printable(why).c_str());
  return 2;
}

std::string find_places(Asking& asking) {
  if (asking.log.empty() && asking.config.empty()) return "--log DIRECTORY or --config FILE says which trail is meant";
  if (!asking.config.empty()) {
    const LoadedConfig loaded = load_config(asking.config);
    if (!loaded.config) {
      std::string wrong;
      for (const auto& mistake : loaded.mistakes) wrong.append(wrong.empty() ? "" : "\n").append(mistake.line());
      return wrong;
    }
    if (asking.log.empty()) asking.log = loaded.config->audit.directory.string();
    if (asking.subject_keys.empty()) asking.subject_keys = loaded.config->audit.subject_keys.string();
  }
  // As a configuration that does not say where.
  if (asking.subject_keys.empty()) asking.subject_keys = (fs::path(asking.log) / "subject-keys").string();
  return {};
}

std::optional<Question> Question::open(std::string command, const Asking& asked) {
  Asking asking = asked;
  const auto no = [](const std::string& why) {
    cannot_answer(why);
    return std::nullopt;
  };
  if (std::string wrong = find_places(asking); !wrong.empty()) return no(wrong);
  audit::TimeRange range;
  for (const auto& [text, last, at] : {std::tuple(&asking.from, false, &range.from_us), std::tuple(&asking.to, true, &range.to_us)}) {
    if (text->empty()) continue;
    const auto moment = when(*text, last);
    if (!moment) return no("\"" + *text + "\" is no date: 2026-11-22, 2026-11-22Z (of UTC), 2026-11-22T14:30, 2026-11-22T14:30Z");
    *at = *moment;
  }
  if (range.from_us > range.to_us) return no("--from is behind --to");
  auto opened = TrailView::open(asking.log, [](const std::string& text) { std::fprintf(stderr, "pgward audit: %s\n", text.c_str()); });
  if (const auto* wrong = std::get_if<std::string>(&opened)) return no(*wrong);
  Question question(std::move(command), asking, std::move(std::get<TrailView>(opened)));
  question.range_ = range;
  return question;
}

Answer Question::answer() const {
  Answer answer;
  answer.command = command_;
  if (!asking_.from.empty()) answer.asked["from"] = utc_text(range_.from_us);
  if (!asking_.to.empty()) answer.asked["to"] = utc_text(range_.to_us);
  if (!asking_.tenants.empty()) answer.asked["tenants"] = asking_.tenants;
  return answer;
}

std::optional<std::vector<Pseudonymous>> Question::pseudonyms(const std::vector<std::string>& written, const std::string& table) {
  std::vector<Pseudonymous> all;
  if (!written.empty()) {
    const auto keys = tenant_keys(asking_.subject_keys, asking_.tenants);
    if (const auto* wrong = std::get_if<std::string>(&keys)) return cannot_answer(*wrong), std::nullopt;
    all = pseudonyms_of(std::get<std::vector<TenantKey>>(keys), written, table);
  }
  for (std::size_t n = 0; n < asking_.pseudonyms.size(); ++n) {
    const auto key = audit::key_of_hex(asking_.pseudonyms[n]);
    if (!key) return cannot_answer("--pseudonym wants 32 of 0-9a-f"), std::nullopt;
    all.push_back({*key, asking_.pseudonyms[n], written.size() + n, ""});
  }
  if (all.empty()) return cannot_answer("whom is this about? Give a key, or --pseudonym HEX"), std::nullopt;
  return all;
}

bool Question::of_tenants(const Json& record) const {
  if (asking_.tenants.empty()) return true;
  const std::string tenant = tenant_of(record);
  return std::any_of(asking_.tenants.begin(), asking_.tenants.end(), [&](const std::string& one) { return same_tenant(one, tenant); });
}

// Why it could not be recorded, or empty.
std::string Question::record(const Answer& answer) {
  Json said = Json::object();
  for (const auto& [name, value] : answer.asked.items()) {
    said[name] = value;
    if (value.is_array() && value.size() > kListed) said[name] = Json(std::vector<Json>(value.begin(), value.begin() + kListed));
  }
  said["records"] = static_cast<std::uint64_t>(answer.rows.size());
  said["through_seq"] = trail_.shelf().last_seq();
  return record_reading(trail_.directory(), command_, said);
}

int Question::vouch(Answer& answer) {
  Json& source = answer.source;
  audit::IndexShelf& shelf = trail_.shelf();
  source["directory"] = fs::absolute(trail_.directory()).lexically_normal().string();
  if (const auto line = shelf.line(shelf.last_seq())) {
    const auto parsed = audit::parse_line(*line);
    if (const auto* last = std::get_if<audit::Line>(&parsed)) source["log"] = std::string(last->log);
  }
  source["first_seq"] = shelf.first_seq();
  source["through_seq"] = shelf.last_seq();
  if (const auto checkpoint = checkpoint_in(trail_)) source["checkpoint"] = {{"origin", checkpoint->checkpoint.origin}, {"size", checkpoint->checkpoint.size}, {"root", audit::hex_of(checkpoint->checkpoint.root)}, {"time", utc_text(checkpoint->checkpoint.time_us)}};
  else source["checkpoint"] = nullptr;
  const int status = index_state(trail_, asking_.verify, answer) ? 0 : 1;
  if (!asking_.verify && bytes_on_disk(trail_.directory()) > kVerifiedBytes) {
    source["verified"] = "not now (--verify does; pgward audit verify)";
    return status;
  }
  audit::VerifyOptions options;
  if (!asking_.key.empty() && !(options.key = audit::NoteKey::of_text(asking_.key))) return cannot_answer("--key is no verifier key; expected NAME+HEX+BASE64, as pgward audit keygen prints it");
  options.anchors.assign(asking_.anchors.begin(), asking_.anchors.end());
  const audit::VerifyReport report = audit::verify(trail_.directory(), options);
  if (!report.error.empty()) source["verified"] = "could not be checked: " + report.error;
  else if (report.first_bad) source["verified"] = "BROKEN at record " + std::to_string(report.first_bad->seq) + ": " + report.first_bad->reason;
  else source["verified"] = std::string("intact") + (report.signing.first_key ? "" : ", but not signed") + (report.questions.empty() ? "" : ", with questions (pgward audit verify lists them)");
  if (!report.first_bad && report.error.empty()) return status;
  answer.notes.push_back("the trail does not verify: this answer proves nothing");
  return 1;
}

void Question::prove(Answer& answer) {
  std::vector<std::uint64_t> seqs;
  for (const Json& row : answer.rows) {
    if (row.contains("records"))
      for (const Json& seq : row["records"]) seqs.push_back(seq.get<std::uint64_t>());
    else if (row.contains("seq")) seqs.push_back(row["seq"].get<std::uint64_t>());
  }
  const auto written = write_proofs(trail_.directory(), std::move(seqs), asking_.proofs);
  if (const auto* wrong = std::get_if<std::string>(&written)) answer.notes.push_back("no proofs: " + *wrong);
  else answer.notes.push_back(std::to_string(std::get<std::size_t>(written)) + " proofs are in " + asking_.proofs + "; scripts/audit-verify --proof FILE --key VKEY checks one");
}

int Question::finish(Answer answer) {
  if (!trail_.trouble().empty()) return cannot_answer(trail_.trouble());
  if (!asking_.tenants.empty()) answer.asked["tenants"] = asking_.tenants;
  if (answer.rows.size() > asking_.limit && !asking_.all) {
    answer.notes.push_back("only the first " + std::to_string(asking_.limit) + " rows are shown, and there are more (--limit, --all)");
    answer.rows.resize(asking_.limit);
  }
  const int status = vouch(answer);
  if (status == 2) return 2;
  if (!asking_.proofs.empty()) prove(answer);
  // Before anything is shown.
  if (asking_.unrecorded) {
    answer.notes.push_back("NOT RECORDED: nothing in the log tells of this question (--unrecorded)");
  } else if (const std::string wrong = record(answer); !wrong.empty()) {
    return cannot_answer("reading the trail is recorded, and that cannot be written (" + wrong + "); --unrecorded asks without, and says so in its answer");
  }
  const std::string text = rendered(answer, asking_.form());
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (asking_.csv) {
    for (const std::string& note : answer.notes) std::fprintf(stderr, "NOTE: %s\n", printable(note).c_str());
    std::fprintf(stderr, "source: %s\n", answer.source.dump(-1, ' ', true, Json::error_handler_t::replace).c_str());
  }
  return std::fflush(stdout) == 0 ? status : cannot_answer("the answer could not be written");
}

}  // namespace pgward::proxy
