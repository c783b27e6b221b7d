#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "proxy/cli/commands.h"
#include "proxy/cli/scrub_books.h"
#include "proxy/cli/scrub_explain.h"
#include "proxy/scrub/stream.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  ScrubSources sources;
  std::string follow, pseudonym_key;
  bool only_new = false;
};

int run(const Arguments& arguments) {
  const auto books = scrub_books(arguments.sources);
  if (!books) return 2;
  std::unique_ptr<rules::Pseudonyms> pseudonyms;
  if (!arguments.pseudonym_key.empty()) {
    pseudonyms = pseudonyms_from(arguments.pseudonym_key);
    if (!pseudonyms) return 2;
  }
  rules::LogFilter filter{*books, {pseudonyms.get(), nullptr}};
  if (!arguments.follow.empty())
    return scrub_follow(filter, arguments.follow, arguments.only_new, STDOUT_FILENO);
  return scrub_input(filter, STDIN_FILENO, STDOUT_FILENO);
}

}  // namespace

void add_scrub(CLI::App& app, int& status) {
  auto* command = app.add_subcommand(
      "scrub", "take values of people out of log lines: standard input to standard output");
  auto arguments = std::make_shared<Arguments>();
  add_scrub_sources(*command, arguments->sources);
  command->add_option("--follow", arguments->follow,
                      "read this file as it grows, over rotation and truncation");
  command->add_flag("--new", arguments->only_new, "with --follow: only what is written from now on");
  command->add_option("--pseudonym-key", arguments->pseudonym_key,
                      "file with a secret: equal values get equal placeholders, [SSN:3f2a9c...]");
  command->require_subcommand(0, 1);

  const auto with_books = [&status](auto what) {
    return [&status, what](const ScrubSources& sources) {
      const auto books = scrub_books(sources);
      status = books ? what(*books) : 2;
    };
  };
  auto* explain = command->add_subcommand(
      "explain", "which rule takes what kind out of standard input, and where; never the value");
  auto sources = std::make_shared<ScrubSources>();
  auto only_counts = std::make_shared<bool>(false);
  add_scrub_sources(*explain, *sources);
  explain->add_flag("--counts", *only_counts, "only how often each rule was right");
  explain->callback(
      [=] { with_books([=](const auto& books) { return explain_scrub(books, *only_counts); })(*sources); });

  auto* test = command->add_subcommand(
      "test", "run the tests that stand in rule files: the shipped ones, and FILES of your own");
  auto tested = std::make_shared<ScrubSources>();
  test->add_option("--policy", tested->policy, "policy file: its columns and kinds of PHI are known words");
  test->add_option("files", tested->rules, "rule files");
  test->callback([=, &status] {
    const auto texts = tested->policy.empty() ? TestCounts{} : test_allowed_texts(tested->policy);
    status = 2;
    if (texts) with_books([=](const auto& books) { return test_scrub(books, *texts); })(*tested);
  });

  command->callback([&status, arguments, command] {
    if (command->get_subcommands().empty()) status = run(*arguments);
  });
}

}  // namespace pgward::proxy
