// Names of people in running text, by how they are written. No list has them all: docs/scrubbing.md says
// what this misses.
#include <array>

#include "rules/log/bytes.h"
#include "rules/log/plain_text.h"

namespace pgward::rules {
namespace {

struct Word {
  std::size_t begin = 0, end = 0;
  bool common = false, given = false, surname = false;
};

// The upper-case letters of Latin, Greek and Cyrillic in UTF-8, as far as their place shows them.
bool is_upper_letter(std::string_view text, std::size_t at) {
  if (bytes::is(text[at], bytes::upper)) return true;
  if (!bytes::is(text[at], bytes::high) || at + 1 >= text.size()) return false;
  const auto lead = static_cast<unsigned char>(text[at]), next = static_cast<unsigned char>(text[at + 1]);
  const unsigned point = (lead & 0x1FU) << 6 | (next & 0x3FU);
  if (lead == 0xC3) return next <= 0x9E;
  if (lead == 0xC4 || lead == 0xC5)
    return (point < 0x139 || (point > 0x148 && point < 0x178)) ? point % 2 == 0 : point % 2 == 1;
  if (lead == 0xCE) return next >= 0x91 && next <= 0xA9;
  return lead == 0xD0 && next <= 0xAF;
}

bool is_name_joint(char c) {
  return c == '\'' || c == '-';
}

// A capital may follow only in McDonald, O'Brien, Anne-Marie; HikariPool is no name.
bool capital_may_stand_at(std::string_view word, std::size_t at) {
  constexpr std::array<std::string_view, 8> kFronts{"Mc", "Mac", "De", "Di", "La", "Le", "Van", "O"};
  if (is_name_joint(word[at - 1])) return true;
  for (const auto front : kFronts)
    if (word.substr(0, at) == front) return true;
  return false;
}

// The end of the name-like word that begins at `at`; `at` when there is none.
std::size_t name_word_end(std::string_view text, std::size_t at) {
  if (!is_upper_letter(text, at)) return at;
  std::size_t end = at + 1, letters = 1;
  while (end < text.size()) {
    const char c = text[end];
    if (bytes::is(c, bytes::lower | bytes::high)) {
      ++letters;
    } else if (bytes::is(c, bytes::upper)) {
      if (!capital_may_stand_at(text.substr(at), end - at)) return at;
      ++letters;
    } else if (c == '.' && end == at + 2 && text.substr(at, 2) == "St" && end + 1 < text.size() &&
               bytes::is(text[end + 1], bytes::upper)) {
      ++end;  // St.Clair
    } else if (text.substr(end).starts_with("\xE2\x80\x99")) {
      end += 2;
    } else if (!(is_name_joint(c) && end + 1 < text.size() && bytes::is_letter(text[end + 1]))) {
      break;
    }
    ++end;
  }
  if (letters < 2 ||
      (end < text.size() && (bytes::is(text[end], bytes::digit | bytes::underscore) || text[end] == '(')))
    return at;
  // part of a path, a file, a package: no name
  if (end + 1 < text.size() &&
      (text[end] == '.' || text[end] == '/' || text[end] == '=' || text[end] == '@') &&
      bytes::is_word(text[end + 1]))
    return at;
  return end;
}

Word read_word(std::string_view text, std::size_t begin, std::size_t end, const WordLists& lists) {
  const bytes::Lower lower{text.substr(begin, end - begin)};
  Word word{begin, end};
  word.given = lists.given_names.contains(lower.view());
  word.surname = lists.surnames.contains(lower.view());
  word.common = lists.common.contains(lower.view());
  return word;
}

bool is_initial(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && bytes::is(text[at], bytes::upper) && text[at + 1] == '.' &&
         text[at + 2] == ' ';
}

// One run of name-like words: where it holds a name, it is a span.
class Run {
 public:
  void clear() { count_ = 0; }
  void add(const Word& word) {
    if (count_ < words_.size()) words_[count_++] = word;
  }
  std::size_t size() const { return count_; }

  void find(std::string_view text, Spans& spans) {
    std::size_t first = 0, last = count_;
    const auto plain = [&](const Word& word) { return word.common && !word.given && !word.surname; };
    // "Merge Rivers, Hyun-woo": words of programs around a name
    while (first < last && plain(words_[first])) ++first;
    while (last > first && plain(words_[last - 1])) --last;
    if (first > 0 && last - first == 1 && words_[first].given) return;
    if (last - first < 2) return add_known(first, last, spans);
    bool person = false, unknown_only = true;
    for (std::size_t i = first; i < last; ++i) {
      person = person || words_[i].given || words_[i].surname;
      unknown_only = unknown_only && !words_[i].common;
    }
    if (person || unknown_only) spans.add(words_[first].begin, words_[last - 1].end, "name", "person name");
    (void)text;
  }

 private:
  // "Smith" alone may be anything; with a common word that is a name as well beside it ("Will Smith") it is
  // one.
  void add_known(std::size_t first, std::size_t last, Spans& spans) {
    if (last - first == 1 && count_ >= 2 && words_[first].surname && words_[first].given == false) {
      const std::size_t begin = first > 0 && words_[first - 1].given ? first - 1 : first;
      if (begin < first) spans.add(words_[begin].begin, words_[first].end, "name", "person name");
    }
  }

  std::array<Word, 6> words_{};
  std::size_t count_ = 0;
};

}  // namespace

void find_person_names(std::string_view text, const LogRules& rules, Spans& spans) {
  Run run;
  std::size_t expected = 0;  // where the next word of the run begins
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = at == 0 || (!bytes::is_word(text[at - 1]) && text[at - 1] != '.' &&
                                    text[at - 1] != '/' && text[at - 1] != '-');
    const auto end = begins && is_upper_letter(text, at) ? name_word_end(text, at) : at;
    if (end == at) {
      if (run.size() > 0 && at == expected && is_initial(text, at)) {
        expected = at += 3;
        continue;
      }
      at = bytes::is_word(text[at]) ? bytes::word_end(text, at) : at + 1;
      continue;
    }
    if (at != expected && run.size() > 0) {
      run.find(text, spans);
      run.clear();
    }
    run.add(read_word(text, at, end, rules.words()));
    at = end;
    expected = text.substr(end).starts_with(", ") ? end + 2 : end + 1;
    if (end < text.size() && text[end] != ' ' && text[end] != ',' && text[end] != '^') {
      run.find(text, spans);
      run.clear();
    }
  }
  run.find(text, spans);
}

}  // namespace pgward::rules
