// Walks over JSON text that is known to be well-formed, without making a document of it: for indexing a segment, line by line.
// What is not as expected ends the walk (ok() is false); it never reads outside the text, and needs no stack for depth.
//
//   JsonWalk walk{text};                              at the beginning of a value
//   walk.members([&](std::string_view name) { ... })   of an object; the function takes the value by one of the calls below
//   walk.elements([&] { ... })                         of an array, in the same way
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pgward::audit {

class JsonWalk {
 public:
  explicit JsonWalk(std::string_view text) : rest_(text) {}
  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

  // What stands between the quotes, escapes as they are; empty when there is no text.
  std::string_view text();
  std::uint64_t number();  // a whole one from 0
  void skip();             // any value
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }

  template <class Take>
  void members(Take take) {
    list('{', '}', [&] {
      const std::string_view name = text();
      expect(':');
      if (ok_) take(name);
    });
  }
  template <class Take>
  void elements(Take take) {
    list('[', ']', take);
  }

 private:
  bool skip_char(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip_char(c)) ok_ = false;
  }
  template <class Take>
  void list(char open, char close, Take take) {
    expect(open);
    if (!ok_ || skip_char(close)) return;
    do take();
    while (ok_ && skip_char(','));
    expect(close);
  }

  std::string_view rest_;
  bool ok_ = true;
};

// What such a text says.
std::string plain_text(std::string_view with_escapes);

}  // namespace pgward::audit
