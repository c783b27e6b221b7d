// Stretches of one text that are to go, or that nothing else may touch, from whoever finds them.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "rules/log/sink.h"

namespace pgward::rules {

struct Span {
  std::size_t begin, end;
  std::string_view kind;  // empty: stays, whatever else is found in it
  std::string_view rule;
};

class Spans {
 public:
  void clear() { spans_.clear(); }
  bool empty() const { return spans_.empty(); }
  void add(std::size_t begin, std::size_t end, std::string_view kind, std::string_view rule) {
    if (begin < end) spans_.push_back(Span{begin, end, kind, rule});
  }
  // The end of what is found already at this place; `at` where nothing is.
  std::size_t end_of_any_at(std::size_t at) const {
    for (const Span& span : spans_)
      if (span.begin <= at && at < span.end) return span.end;
    return at;
  }

  // Writes the text without what is to go. Of two that overlap the earlier one is whole, and of the other
  // what is behind it.
  void write(std::string_view text, Sink& sink) {
    std::sort(spans_.begin(), spans_.end(), [](const Span& a, const Span& b) {
      if (a.begin != b.begin) return a.begin < b.begin;
      return a.kind.empty() != b.kind.empty() ? a.kind.empty() : a.end > b.end;
    });
    std::size_t done = 0;
    for (const Span& span : spans_) {
      if (span.end <= done) continue;
      const auto begin = std::max(span.begin, done);
      sink.keep(text.substr(done, begin - done));
      const auto part = text.substr(begin, span.end - begin);
      if (span.kind.empty())
        sink.keep(part);
      else
        sink.remove(span.rule, span.kind, part);
      done = span.end;
    }
    sink.keep(text.substr(done));
  }

 private:
  std::vector<Span> spans_;
};

}  // namespace pgward::rules
