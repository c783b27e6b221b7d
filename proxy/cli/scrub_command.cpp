#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "proxy/cli/commands.h"
#include "proxy/cli/scrub_books.h"
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
  command->callback([&status, arguments, command] {
    if (command->get_subcommands().empty()) status = run(*arguments);
  });
}

}  // namespace pgward::proxy
