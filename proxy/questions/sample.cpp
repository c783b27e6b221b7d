// Records at random, for somebody who looks at some of them: the same seed over the same log gives the same ones.
#include <openssl/rand.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "proxy/questions/questions.h"
#include "proxy/questions/rows.h"

namespace pgward::proxy {
namespace {

std::optional<std::uint64_t> seed_of(const std::string& text) {
  if (text.empty()) {
    std::uint64_t seed = 0;
    return RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed) == 1 ? std::optional(seed >> 1) : std::nullopt;
  }
  if (text.find_first_not_of("0123456789") != text.npos || text.size() > 19) return std::nullopt;
  return std::stoull(text);
}

bool is_statement(const std::string& type) { return type == "stmt.intent" || type == "stmt.read" || type == "stmt.deny"; }

}  // namespace

int sample(const Asking& asking, const Sample& wanted) try {
  const auto seed = seed_of(wanted.seed);
  if (!seed) return cannot_answer("--seed wants a number below 10^19");
  auto question = Question::open("sample", asking);
  if (!question) return 2;
  Answer answer = question->answer();
  audit::IndexShelf& shelf = question->trail().shelf();
  // mt19937_64 and the remainder: the same everywhere, which the library's distributions are not.
  std::mt19937_64 random(*seed);
  const std::uint64_t records = shelf.last_seq() == 0 ? 0 : shelf.last_seq() - shelf.first_seq() + 1;
  std::set<std::uint64_t> tried, chosen;
  const std::uint64_t most = std::min<std::uint64_t>(records, 1'000'000);
  for (std::uint64_t n = 0; chosen.size() < wanted.count && tried.size() < most && n < most * 20; ++n) {
    const std::uint64_t seq = shelf.first_seq() + random() % records;
    if (!tried.insert(seq).second) continue;
    const auto whole = question->trail().whole(seq);
    if (!is_statement(whole.type) || !question->range().has(time_of(whole.record)) || !question->of_tenants(whole.record)) continue;
    chosen.insert(seq);
  }
  for (const std::uint64_t seq : chosen) {
    const auto statement = question->trail().statement(seq);
    if (!statement) throw std::runtime_error("record " + std::to_string(seq) + " has no number of a statement");
    answer.rows.push_back(statement_row(*statement));
  }
  answer.columns = {"seq", "time", "type", "user", "role", "tenant", "op", "tables", "rows", "sqlstate", "address"};
  answer.summary = {{"seed", *seed}, {"out_of_records", records}};
  if (answer.rows.size() < wanted.count) answer.notes.push_back("there are no more statements in this range, or they are rare in it: narrow it with --from and --to less");
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
