// COPY data made at random, given to the checker and to a server: what the checker lets through, the server
// must read as rows of the caller only. Needs PGWARD_TEST_UPSTREAM, a conninfo of a user who may create
// temporary tables (tests/e2e/test_copy.py sets it); PGWARD_COPY_ROUNDS says how long.
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <random>

#include "policy/copy_in/rows.h"

namespace pgward::policy {
namespace {

using namespace std::string_view_literals;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Finish>;

class CopyServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* conninfo = std::getenv("PGWARD_TEST_UPSTREAM");
    if (conninfo == nullptr) GTEST_SKIP() << "PGWARD_TEST_UPSTREAM is not set";
    connection_.reset(PQconnectdb(conninfo));
    ASSERT_EQ(PQstatus(connection_.get()), CONNECTION_OK);
    ASSERT_EQ(PQresultStatus(run("SET client_encoding = 'UTF8'").get()), PGRES_COMMAND_OK);
    ASSERT_EQ(PQresultStatus(run("CREATE TEMP TABLE c (t text, x text)").get()), PGRES_COMMAND_OK);
    ASSERT_EQ(PQresultStatus(run("CREATE TEMP TABLE b (t int4, x bytea)").get()), PGRES_COMMAND_OK);
    if (const char* rounds = std::getenv("PGWARD_COPY_ROUNDS")) rounds_ = std::atoi(rounds);
  }

  Result run(const std::string& sql) { return Result(PQexec(connection_.get(), sql.c_str())); }
  int version() const { return PQserverVersion(connection_.get()); }

  struct Seen {
    bool accepted = false;
    int rows = 0;
    int foreign = 0;
  };
  Seen copy(const std::string& sql, const std::string& table, const std::string& data) {
    Seen seen;
    run("BEGIN");
    EXPECT_EQ(PQresultStatus(run(sql).get()), PGRES_COPY_IN) << sql;
    for (std::size_t at = 0; at < data.size(); at += 5)
      PQputCopyData(connection_.get(), data.data() + at, static_cast<int>(std::min<std::size_t>(5, data.size() - at)));
    PQputCopyEnd(connection_.get(), nullptr);
    while (Result result{PQgetResult(connection_.get())})
      seen.accepted = PQresultStatus(result.get()) == PGRES_COMMAND_OK;
    if (seen.accepted) {
      const Result counts = run("SELECT count(*), count(*) FILTER (WHERE t::text IS DISTINCT FROM '7') FROM " + table);
      seen.rows = std::atoi(PQgetvalue(counts.get(), 0, 0));
      seen.foreign = std::atoi(PQgetvalue(counts.get(), 0, 1));
    }
    run("ROLLBACK");
    return seen;
  }

  struct Checked {
    std::string forwarded;
    bool fine = false;
  };
  Checked check(const CopyIn& copy, const std::string& data, std::size_t cut) {
    Policy policy;
    policy.tenant.push_back({"t", "t", "app.t", copy.tenant[0].type, {}});
    CopyRows rows(copy, std::get<TenantValues>(tenant_values(policy, {{"t", "7"}})));
    Checked checked;
    CopyRows::Ready ready;
    for (std::size_t at = 0; at < data.size(); at += cut) {
      if (rows.feed(std::string_view(data).substr(at, cut), ready)) return checked;
      checked.forwarded.append(ready.held).append(ready.now);
    }
    if (rows.finish(ready)) return checked;
    checked.forwarded.append(ready.held).append(ready.now);
    checked.fine = true;
    return checked;
  }

  // Returns whether the data were let through and taken by the server.
  bool agree(const CopyIn& copied, const std::string& sql, const std::string& table, const std::string& data,
             std::size_t cut, bool odd) {
    const Checked checked = check(copied, data, cut);
    const Seen seen = copy(sql, table, checked.fine ? checked.forwarded : data);
    const std::string about = sql + " " + testing::PrintToString(data);
    if (checked.fine) {
      EXPECT_EQ(seen.foreign, 0) << about;
    } else if (seen.accepted && seen.rows > 0 && seen.foreign == 0) {
      EXPECT_TRUE(odd) << "refused for nothing: " << about;
    }
    return checked.fine && seen.rows > 0;
  }

  std::string random_data(const CopyIn& copied);

  std::unique_ptr<PGconn, Finish> connection_;
  int rounds_ = 1500;
  std::mt19937 random_{18};
};

std::string literal(std::string_view value) {
  std::string out = "E'";
  for (const char c : value) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

// Rows in which the tenant is right most of the time, and noise between them.
std::string CopyServerTest::random_data(const CopyIn& copied) {
  static const std::vector<std::string> kTenants{"7", "7", "7", "\"7\"", "'7'", "\\7", "\\x37", "\\67", "8", "\\N", "77"};
  static const std::vector<std::string> kOthers{"x", "", "\"x\"", "\"7\n7\"", "\\\n", "\\\\", "\\.", "\"\"\"\"", "'\"'"};
  static const std::vector<std::string> kEnds{"\n", "\r", "\r\n"};
  constexpr std::string_view kNoise = "77\t|,\n\n\r\"\"\\\\.x6N'0a";
  const auto one_of = [&](const std::vector<std::string>& set) { return set[random_() % set.size()]; };
  const std::string end = one_of(kEnds);
  std::string data;
  for (std::size_t i = random_() % 6; i > 0; --i) {
    const bool first = copied.tenant[0].field == 0;
    data += (first ? one_of(kTenants) : one_of(kOthers)) + copied.delimiter;
    data += first ? one_of(kOthers) : one_of(kTenants);
    data += random_() % 30 == 0 ? one_of(kEnds) : end;
    while (random_() % 8 == 0) data += random_() % 3 == 0 ? copied.delimiter : kNoise[random_() % kNoise.size()];
    if (random_() % 16 == 0) data += "\\." + end;
  }
  return data;
}

TEST_F(CopyServerTest, TextAndCsv) {
  const auto pick = [&](std::string_view set) { return set[random_() % set.size()]; };
  int passed = 0;
  for (int round = 0; round < rounds_; ++round) {
    CopyIn copied;
    copied.format = random_() % 2 != 0 ? CopyFormat::text : CopyFormat::csv;
    const bool csv = copied.format == CopyFormat::csv;
    copied.fields = 2;
    copied.tenant = {{random_() % 2, "t", TenantType::text}};
    copied.delimiter = random_() % 2 != 0 ? pick("|,;") : csv ? ',' : '\t';
    copied.null_marker = random_() % 4 == 0 ? "7" : csv ? "" : "\\N";
    copied.header = random_() % 8 == 0 && (csv || version() >= 150000);
    if (random_() % 8 == 0 && version() >= 160000) copied.default_marker = random_() % 2 != 0 ? "7" : "x";
    if (copied.default_marker == copied.null_marker) copied.default_marker.reset();
    copied.marker_ends_data = !csv || version() < 180000;
    std::string sql = "COPY c (";
    sql += copied.tenant[0].field == 0 ? "t, x" : "x, t";
    sql += std::string(") FROM STDIN (FORMAT ") + (csv ? "csv" : "text") + ", DELIMITER " +
           literal({&copied.delimiter, 1}) + ", NULL " + literal(copied.null_marker);
    if (copied.header) sql += ", HEADER";
    if (copied.default_marker) sql += ", DEFAULT " + literal(*copied.default_marker);
    if (csv) {
      if (random_() % 2 != 0) copied.quote = copied.escape = pick("'\"");
      if (random_() % 2 != 0) copied.escape = pick("\\'\"");
      sql += ", QUOTE " + literal({&copied.quote, 1}) + ", ESCAPE " + literal({&copied.escape, 1});
      if (random_() % 4 == 0) sql += random_() % 2 != 0 ? ", FORCE_NULL (t)" : ", FORCE_NOT_NULL (t)";
    }
    const std::string data = random_data(copied);
    const bool odd = data.find('\\') != data.npos || copied.header || copied.null_marker == "7" || copied.default_marker;
    passed += agree(copied, sql + ")", "c", data, 1 + random_() % 6, odd) ? 1 : 0;
    if (HasFailure()) return;
  }
  EXPECT_GT(passed, rounds_ / 40);
}

std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

TEST_F(CopyServerTest, Binary) {
  int passed = 0;
  for (int round = 0; round < rounds_; ++round) {
    CopyIn copied;
    copied.format = CopyFormat::binary;
    copied.fields = 2;
    copied.tenant = {{random_() % 2, "t", TenantType::int4}};
    std::string data{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
    for (std::size_t rows = random_() % 4; rows > 0; --rows) {
      const std::string tenant = number(4, 4) + number(random_() % 8 != 0 ? 7 : 8, 4);
      const auto size = static_cast<std::uint32_t>(random_() % 6);
      const std::string other = random_() % 4 == 0 ? number(~0U, 4) : number(size, 4) + std::string(size, 'x');
      data += number(2, 2) + (copied.tenant[0].field == 0 ? tenant + other : other + tenant);
    }
    if (random_() % 2 != 0) data += number(~0U, 2);
    // One byte in place of a count is the end for the server.
    const bool odd = random_() % 2 == 0;
    for (std::size_t change = odd ? random_() % 3 : 0; change > 0; --change)
      data[random_() % data.size()] = static_cast<char>(random_() % 2 != 0 ? random_() % 10 : 255);
    if (odd && random_() % 4 == 0) data.resize(random_() % data.size());
    const std::string sql = copied.tenant[0].field == 0 ? "COPY b (t, x) FROM STDIN (FORMAT binary)"
                                                        : "COPY b (x, t) FROM STDIN (FORMAT binary)";
    passed += agree(copied, sql, "b", data, 1 + random_() % 9, odd) ? 1 : 0;
    if (HasFailure()) return;
  }
  EXPECT_GT(passed, rounds_ / 20);
}

}  // namespace
}  // namespace pgward::policy
