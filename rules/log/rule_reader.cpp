#include "rules/log/rule_reader.h"

#include <yaml-cpp/yaml.h>

#include "rules/log/bytes.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kFileBytesMax = 4u << 20;
constexpr std::size_t kPatternBytesMax = 4096;

std::string lower(std::string text) {
  for (char& c : text) c = bytes::to_lower(c);
  return text;
}

// The letters and digits of a key: how LogRules looks it up.
std::string bare(std::string_view key) {
  std::string out;
  for (const char c : key)
    if (bytes::is(c, bytes::lower | bytes::upper | bytes::digit | bytes::high)) out += bytes::to_lower(c);
  return out;
}

}  // namespace

std::vector<RuleMistake> RuleReader::read(std::string_view yaml) {
  if (yaml.size() > kFileBytesMax) return {RuleMistake{file_, 1, 1, "the file is larger than 4 MiB"}};
  try {
    const YAML::Node root = YAML::Load(std::string{yaml});
    if (!root.IsMap()) {
      mistake(root,
              "expected a mapping with 'version: 1' and some of keys, last_words, plain_keys, words, rules");
      return mistakes_;
    }
    for (const auto& part : root) read_section(part.first.as<std::string>(), part.second);
    if (!root["version"]) mistake(root, "'version: 1' is missing");
  } catch (const YAML::Exception& error) {
    mistakes_.push_back(RuleMistake{file_, error.mark.line + 1, error.mark.column + 1, error.msg});
  }
  if (mistakes_.empty()) apply();
  return mistakes_;
}

void RuleReader::read_section(const std::string& name, const YAML::Node& value) {
  if (name == "version") {
    if (!value.IsScalar() || value.Scalar() != "1") mistake(value, "expected version 1");
  } else if (name == "keys") {
    read_kinds(value, keys_);
  } else if (name == "last_words") {
    read_kinds(value, last_words_);
  } else if (name == "plain_keys") {
    read_words(value, plain_keys_);
  } else if (name == "words") {
    read_lists(value);
  } else if (name == "rules") {
    if (!value.IsSequence()) return mistake(value, "expected a list of rules");
    for (const auto& rule : value) read_rule(rule);
  } else {
    mistake(value, "unknown section '" + name + "'; there are keys, last_words, plain_keys, words, rules");
  }
}

void RuleReader::read_kinds(const YAML::Node& value, std::vector<Word>& into) {
  if (!value.IsMap()) return mistake(value, "expected kinds, each with a list of keys");
  for (const auto& kind : value) {
    std::vector<Word> words;
    read_words(kind.second, words);
    for (Word& word : words) into.push_back(Word{std::move(word.text), kind.first.as<std::string>()});
  }
}

// A list, or one text of words with spaces between them.
void RuleReader::read_words(const YAML::Node& value, std::vector<Word>& into) {
  const auto add = [&](std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find_first_of(" \n\t", at), text.size());
      if (end > at) into.push_back(Word{std::string{text.substr(at, end - at)}, {}});
      at = end + 1;
    }
  };
  if (value.IsScalar()) return add(value.Scalar());
  if (!value.IsSequence()) return mistake(value, "expected a list of words");
  for (const auto& word : value) {
    if (!word.IsScalar())
      mistake(word, "expected a word");
    else
      add(word.Scalar());
  }
}

void RuleReader::read_lists(const YAML::Node& value) {
  if (!value.IsMap()) return mistake(value, "expected lists of words: common, given_names, surnames");
  for (const auto& list : value) {
    const auto name = list.first.as<std::string>();
    if (name == "common")
      read_words(list.second, common_);
    else if (name == "given_names")
      read_words(list.second, given_names_);
    else if (name == "surnames")
      read_words(list.second, surnames_);
    else
      mistake(list.first, "unknown list '" + name + "'; there are common, given_names, surnames");
  }
}

void RuleReader::read_rule(const YAML::Node& value) {
  if (!value.IsMap()) return mistake(value, "expected a rule with name, kind and pattern");
  auto rule = std::make_unique<PatternRule>();
  rule->file = file_;
  rule->line = value.Mark().line + 1;
  rule->column = value.Mark().column + 1;
  for (const auto& part : value) read_rule_part(*rule, part.first.as<std::string>(), part.second);
  for (const auto& [text, name] :
       {std::pair{&rule->name, "name"}, {&rule->kind, "kind"}, {&rule->pattern, "pattern"}})
    if (text->empty()) return mistake(value, std::string{"the rule has no "} + name);
  compile(*rule);
  patterns_.push_back(std::move(rule));
}

void RuleReader::read_rule_part(PatternRule& rule, const std::string& name, const YAML::Node& value) {
  const auto words = [&](std::vector<std::string>& into) {
    if (!value.IsSequence()) return mistake(value, "expected a list of words");
    for (const auto& word : value) into.push_back(lower(word.as<std::string>()));
  };
  if (name == "tests") return read_tests(rule, value);
  if (name == "before") return words(rule.before);
  if (name == "unless_before") return words(rule.unless_before);
  if (!value.IsScalar()) return mistake(value, "expected a text");
  const std::string& text = value.Scalar();
  if (name == "name") {
    rule.name = text;
  } else if (name == "kind") {
    rule.kind = text;
  } else if (name == "pattern") {
    rule.pattern = text;
    rule.line = value.Mark().line + 1;
    rule.column = value.Mark().column + 1;
  } else if (name == "within") {
    rule.before_bytes = value.as<unsigned>();
  } else if (name == "needs") {
    if (text == "digit")
      rule.needs = Needs::digit;
    else if (text == "capital")
      rule.needs = Needs::capital;
    else if (text == "@")
      rule.needs = Needs::at_sign;
    else
      mistake(value, "unknown need '" + text + "'; there are digit, capital, @");
  } else if (name == "validator") {
    rule.validator = validator_named(text);
    if (rule.validator == nullptr)
      mistake(value, "unknown validator '" + text + "'; there are " + std::string{validator_names()});
  } else {
    mistake(value,
            "unknown part '" + name +
                "'; there are name, kind, pattern, needs, validator, before, within, unless_before, tests");
  }
}

void RuleReader::read_tests(PatternRule& rule, const YAML::Node& value) {
  if (!value.IsMap()) return mistake(value, "expected tests as 'text: what comes out'");
  for (const auto& test : value) {
    const auto& mark = test.first.Mark();
    rule.tests.push_back(RuleTest{test.first.as<std::string>(), test.second.as<std::string>(), mark.line + 1,
                                  mark.column + 1});
  }
}

void RuleReader::compile(PatternRule& rule) {
  std::string wrong;
  if (rule.pattern.size() > kPatternBytesMax)
    wrong = "it is longer than 4096 bytes";
  else if (patterns_checked_)
    wrong = rule.mistake();
  if (!wrong.empty())
    mistakes_.push_back(RuleMistake{file_, rule.line, rule.column, "the pattern cannot be used: " + wrong});
}

void RuleReader::mistake(const YAML::Node& at, std::string text) {
  mistakes_.push_back(RuleMistake{file_, at.Mark().line + 1, at.Mark().column + 1, std::move(text)});
}

void RuleReader::apply() {
  for (const Word& word : keys_)
    rules_.keys_.insert(rules_.stored(bare(word.text)), rules_.stored(word.meaning));
  // A column may be called like a key: its words are no names of people.
  for (const Word& word : keys_)
    for (std::size_t at = 0; at < word.text.size();) {
      const auto end = std::min(word.text.find('_', at), word.text.size());
      if (end - at > 2) rules_.add_common_word(lower(word.text.substr(at, end - at)));
      at = end + 1;
    }
  for (const Word& word : last_words_)
    rules_.last_words_.insert(rules_.stored(bare(word.text)), rules_.stored(word.meaning));
  for (const Word& word : plain_keys_) rules_.plain_keys_.insert(rules_.stored(bare(word.text)));
  for (const Word& word : common_) rules_.words_.common.insert(rules_.stored(lower(word.text)));
  for (const Word& word : given_names_) rules_.words_.given_names.insert(rules_.stored(lower(word.text)));
  for (const Word& word : surnames_) rules_.words_.surnames.insert(rules_.stored(lower(word.text)));
  // The file's own rules first: whoever adds one wants it to be heard.
  for (auto& rule : rules_.patterns_) patterns_.push_back(std::move(rule));
  rules_.patterns_ = std::move(patterns_);
}

}  // namespace pgward::rules
