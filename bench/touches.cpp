// Trails of many touches, for measuring the index (bench/README.md):
//
//   touches make DIRECTORY [--touches N] [--people N] [--each N] [--segment MiB]   real segments, not signed
//   touches index DIRECTORY [--threads N]                                          builds all indexes, and says how fast
//   touches ask DIRECTORY [--questions N] [--people N] [--cold]                    who saw a person: p50, p99
//
// Sessions of 200 statements, one in ten told in full; each statement touches `each` people, in one record.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include "audit/chain.h"
#include "audit/event.h"
#include "audit/index/shelf.h"
#include "audit/log_record.h"
#include "proxy/questions/trail_view.h"

namespace {

using namespace pgward::audit;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

struct Wanted {
  std::string directory;
  std::uint64_t touches = 1'000'000, people = 0, each = 10, segment = 256, questions = 1000;
  unsigned threads = 1;
  bool cold = false;
  std::uint64_t population() const { return people != 0 ? people : std::max<std::uint64_t>(1, touches / 100); }
};

std::uint64_t mixed(std::uint64_t n) {
  n += 0x9e3779b97f4a7c15;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

void append_hex(std::string& out, std::uint64_t n) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(n >> shift) & 15];
}

void append_pseudonym_of(std::string& out, std::uint64_t person, std::uint64_t what) {
  append_hex(out, mixed(person * 2 + what * 0x1234567));
  append_hex(out, mixed(~person * 3 + what));
}

class Maker {
 public:
  explicit Maker(const Wanted& wanted) : wanted_(wanted), random_(7) { chain_.log = "bench/1"; }

  bool make() {
    fs::create_directories(wanted_.directory);
    begin_segment();
    for (std::uint64_t done = 0; done < wanted_.touches; done += wanted_.each) {
      if (in_session_ == 0) open_session();
      statement();
      in_session_ = (in_session_ + 1) % 200;
      if (bytes_ >= wanted_.segment << 20) begin_segment();
    }
    flush();
    return static_cast<bool>(file_);
  }

 private:
  void put(const std::string& members) {
    now_us_ += 1500;
    chain_.append(buffer_, members, now_us_);
    if (buffer_.size() > (4u << 20)) flush();
  }
  void flush() {
    file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    bytes_ += buffer_.size();
    buffer_.clear();
  }
  void begin_segment() {
    flush();
    if (number_ > 0) file_.close();
    ++number_;
    file_.open(fs::path(wanted_.directory) / segment_name(number_), std::ios::binary | std::ios::trunc);
    bytes_ = 0;
    if (number_ > 1) put(log_rotate(segment_name(number_), segment_name(number_ - 1), chain_.head, chain_.tree()));
    else put(log_open());
  }
  void open_session() {
    ++session_;
    id_.clear();
    append_hex(id_, mixed(session_));
    append_hex(id_, mixed(~session_));
    Actor actor;
    actor.issuer = "https://idp.example";
    actor.subject = "user" + std::to_string(session_ % 500) + "@clinic.example";
    actor.role = "clinician";
    actor.credential_type = "jwt";
    actor.credential_id = id_.substr(0, 8);
    actor.tenant = {{"clinic_id", std::to_string(session_ % 20)}};
    session_members_ = session_members(actor, {"192.0.2.10", 50123, "records", "TLSv1.3"}, {"db.example", "ehr", "pgward_app"});
    put(members(SessionOpen{session_members_, id_, kNoHash}));
    statement_ = 0;
  }
  void statement() {
    static const std::vector<TouchedTable> tables{{"public.patients", 'R', {"family_name", "given_name", "patient_id"}, false, {"name"}}};
    static const StatementOutcome outcome{10, "00000"};
    ++statement_;
    const bool full = statement_ % 10 == 1;
    StatementText text;
    text.session_members = session_members_;
    text.kind = "SELECT";
    text.sql_sha256 = kNoHash;
    text.policy_sha256 = kNoHash;
    text.tables = &tables;
    std::string record = members(StatementRead{id_, statement_, full ? &text : nullptr, full ? 0 : statement_ - (statement_ - 1) % 10, &outcome});
    record += R"(,"touched":[{"table":"public.patients","mode":"keys","records":[)";
    std::vector<std::uint64_t> people;
    for (std::uint64_t n = 0; n < wanted_.each; ++n) people.push_back(random_() % wanted_.population());
    for (const std::uint64_t what : {1u, 0u}) {
      for (std::size_t n = 0; n < people.size(); ++n) {
        record += n > 0 ? ",\"" : "\"";
        append_pseudonym_of(record, people[n], what);
        record += '"';
      }
      record += what == 1 ? R"(],"subjects":[)" : "]}]";
    }
    put(record);
  }

  Wanted wanted_;
  std::mt19937_64 random_;
  Chain chain_;
  std::ofstream file_;
  std::string buffer_, id_, session_members_;
  SegmentNumber number_ = 0;
  std::uint64_t bytes_ = 0, session_ = 0, statement_ = 0, in_session_ = 0;
  std::int64_t now_us_ = 1'763'786'700'000'000;
};

int make(const Wanted& wanted) {
  const auto begin = Clock::now();
  if (!Maker(wanted).make()) return std::fprintf(stderr, "cannot be written\n"), 1;
  std::printf("%llu touches in %.1f s\n", static_cast<unsigned long long>(wanted.touches), seconds_since(begin));
  return 0;
}

int index_all(const Wanted& wanted) {
  std::error_code error;
  auto numbers = list_segments(wanted.directory, error);
  if (!numbers.empty()) numbers.pop_back();
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> touches{0}, bytes{0}, text{0};
  const auto begin = Clock::now();
  std::vector<std::thread> threads;
  for (unsigned n = 0; n < wanted.threads; ++n)
    threads.emplace_back([&] {
      for (std::size_t at; (at = next++) < numbers.size();) {
        const auto made = make_index(wanted.directory, numbers[at]);
        if (const auto* wrong = std::get_if<std::string>(&made)) std::fprintf(stderr, "%s\n", wrong->c_str());
        else text += std::get<MadeIndex>(made).shape.bytes;
      }
    });
  for (auto& thread : threads) thread.join();
  const double took = seconds_since(begin), cpu = cpu_seconds();
  for (const SegmentNumber number : numbers) {
    const Fd fd(::open(wanted.directory.c_str(), O_RDONLY | O_DIRECTORY));
    auto opened = Sidecar::open(index_in_file(fd.get(), index_name(number)));
    if (auto* sidecar = std::get_if<Sidecar>(&opened)) {
      touches += sidecar->count(IndexKind::subject);
      bytes += sidecar->bytes();
    }
  }
  const double all = static_cast<double>(touches);
  std::printf("%zu segments, %.1f GB of lines, %llu touches in %.1f s: %.2f M touches/s (%.2f M a second of processor), index %.1f bytes a touch\n", numbers.size(), static_cast<double>(text) / 1e9,
              static_cast<unsigned long long>(touches.load()), took, all / took / 1e6, all / cpu / 1e6, static_cast<double>(bytes) / all);
  return 0;
}

// Out of the page cache, as far as the kernel does it.
void forget(const fs::path& directory) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const Fd fd(::open(entry->path().c_str(), O_RDONLY));
    if (fd) static_cast<void>(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED));
  }
}

void report(const char* what, std::vector<double>& ms) {
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double part) { return ms[static_cast<std::size_t>(part * static_cast<double>(ms.size() - 1))]; };
  std::printf("%s: p50 %.1f ms, p99 %.1f ms, most %.1f ms\n", what, at(0.5), at(0.99), ms.back());
}

int ask(const Wanted& wanted) {
  const auto begin = Clock::now();
  auto opened = pgward::proxy::TrailView::open(wanted.directory, [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); });
  if (const auto* wrong = std::get_if<std::string>(&opened)) return std::fprintf(stderr, "%s\n", wrong->c_str()), 1;
  auto& trail = std::get<pgward::proxy::TrailView>(opened);
  std::printf("opened in %.1f ms, %llu records\n", seconds_since(begin) * 1e3, static_cast<unsigned long long>(trail.shelf().last_seq()));
  std::mt19937_64 random(99);
  std::vector<double> lookups, answers, processor;
  std::uint64_t found = 0;
  for (std::uint64_t n = 0; n < wanted.questions; ++n) {
    if (wanted.cold) forget(wanted.directory);
    std::string hex;
    append_pseudonym_of(hex, random() % wanted.population(), 0);
    const auto start = Clock::now();
    const double cpu = cpu_seconds();
    std::vector<IndexHit> hits;
    if (std::string wrong = trail.shelf().find(IndexKind::subject, *key_of_hex(hex), {}, hits); !wrong.empty()) return std::fprintf(stderr, "%s\n", wrong.c_str()), 1;
    lookups.push_back(seconds_since(start) * 1e3);
    for (const IndexHit& hit : hits)
      if (!trail.statement(hit.seq)) return std::fprintf(stderr, "record %llu cannot be read\n", static_cast<unsigned long long>(hit.seq)), 1;
    answers.push_back(seconds_since(start) * 1e3);
    processor.push_back((cpu_seconds() - cpu) * 1e3);
    found += hits.size();
  }
  std::printf("%llu questions, %.1f records each\n", static_cast<unsigned long long>(wanted.questions), static_cast<double>(found) / static_cast<double>(wanted.questions));
  report("looked up", lookups);
  report("answered with whole records", answers);
  report("processor time of that", processor);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Trails of many touches"};
  app.require_subcommand(1);
  Wanted wanted;
  int status = 0;
  for (const auto& [name, run] : {std::pair{"make", &make}, std::pair{"index", &index_all}, std::pair{"ask", &ask}}) {
    CLI::App* command = app.add_subcommand(name);
    command->add_option("DIRECTORY", wanted.directory)->required();
    command->add_option("--touches", wanted.touches);
    command->add_option("--people", wanted.people);
    command->add_option("--each", wanted.each);
    command->add_option("--segment", wanted.segment);
    command->add_option("--questions", wanted.questions);
    command->add_option("--threads", wanted.threads);
    command->add_flag("--cold", wanted.cold);
    command->callback([&wanted, &status, run = run] { status = run(wanted); });
  }
  CLI11_PARSE(app, argc, argv);
  return status;
}
