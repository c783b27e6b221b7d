// What `pgward scrub` and its subcommands go by: the shipped rules, files of the DBA's own, a policy.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/log/log_filter.h"

namespace pgward::proxy {

struct ScrubSources {
  std::string policy;
  std::vector<std::string> rules;
};

void add_scrub_sources(CLI::App& command, ScrubSources& sources);

// Null when a file cannot be used; what is wrong with it went to stderr.
std::unique_ptr<rules::LogBooks> scrub_books(const ScrubSources& sources);

// Runs the tests of the policy's allowed texts; what fails goes to stdout with its place. nullopt: the policy cannot be used.
struct TestCounts {
  std::size_t passed = 0, failed = 0;
};
std::optional<TestCounts> test_allowed_texts(const std::string& policy_file);

std::unique_ptr<rules::Pseudonyms> pseudonyms_from(const std::string& file);

}  // namespace pgward::proxy
