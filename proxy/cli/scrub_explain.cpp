#include "proxy/cli/scrub_explain.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <map>

#include "proxy/scrub/line_reader.h"

namespace pgward::proxy {
namespace {

class Explainer : public rules::RemovalWatcher {
 public:
  explicit Explainer(bool only_counts) : only_counts_(only_counts) {}

  void begin_line() { ++line_; }

  void removed(std::string_view rule, std::string_view kind, std::size_t begin, std::size_t end) override {
    ++counts_[std::string{kind} + "\t" + std::string{rule}];
    if (only_counts_) return;
    std::printf("%zu:%zu-%zu\t%.*s\t%.*s\n", line_, begin + 1, end, static_cast<int>(kind.size()),
                kind.data(), static_cast<int>(rule.size()), rule.data());
  }

  void show_counts() const {
    for (const auto& [what, count] : counts_) std::printf("%zu\t%s\n", count, what.c_str());
  }

 private:
  bool only_counts_;
  std::size_t line_ = 0;
  std::map<std::string, std::size_t> counts_;
};

}  // namespace

int explain_scrub(const rules::LogBooks& books, bool only_counts) {
  Explainer explainer{only_counts};
  rules::LogFilter filter{books, {nullptr, &explainer}};
  LineReader reader{rules::LogFilter::kLineBytesMax};
  std::array<char, 65536> buffer;
  std::string out;
  const auto take = [&](const LineReader::Line& line) {
    explainer.begin_line();
    out.clear();
    filter.line(line.text, out, line.rest_bytes, line.rest_quotes);
  };
  LineReader::Line line;
  for (ssize_t got = 0; (got = ::read(STDIN_FILENO, buffer.data(), buffer.size())) > 0;) {
    reader.feed({buffer.data(), static_cast<std::size_t>(got)});
    while (reader.next(line)) take(line);
    std::fflush(stdout);
  }
  if (reader.last(line)) take(line);
  explainer.show_counts();
  return 0;
}

int test_scrub(const rules::LogBooks& books, TestCounts counts) {
  auto& [passed, failed] = counts;
  for (const auto& rule : books.rules().patterns()) {
    for (const rules::RuleTest& test : rule->tests) {
      rules::LogFilter filter{books};
      std::string out;
      filter.line(test.text, out);
      ++(out == test.expected ? passed : failed);
      if (out == test.expected) continue;
      std::printf("%s:%d:%d: FAILED %s\n    expected: %s\n    actual:   %s\n", rule->file.c_str(), test.line,
                  test.column, rule->name.c_str(), test.expected.c_str(), out.c_str());
    }
  }
  std::printf("%zu passed, %zu failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace pgward::proxy
