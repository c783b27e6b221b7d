// Where a filtered line goes: what stays as it is, and a placeholder for what does not.
//
// One for the life of a filter. begin_line(), then keep() and remove() in the order of the line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pgward::rules {

// Told of everything that is removed: counters, `pgward scrub explain`. Never of the value itself.
class RemovalWatcher {
 public:
  virtual ~RemovalWatcher() = default;
  // Columns of the line, from 0, in bytes; of the text around it where the value itself has no place of
  // its own in the line (escaped JSON).
  virtual void removed(std::string_view rule, std::string_view kind, std::size_t begin, std::size_t end) = 0;
};

// Makes placeholders that correlate: the same value of the same kind gets the same letters, and who has
// no key learns nothing else (HMAC-SHA-256, 48 bits of it).
class Pseudonyms {
 public:
  explicit Pseudonyms(std::string key) : key_(std::move(key)) {}
  ~Pseudonyms();
  Pseudonyms(const Pseudonyms&) = delete;
  Pseudonyms& operator=(const Pseudonyms&) = delete;

  // Twelve hexadecimal digits. Case, spaces and punctuation do not count: "555-0123" and "5550123" are one.
  std::string of(std::string_view kind, std::string_view value) const;

 private:
  std::string key_;
};

class Sink {
 public:
  Sink(std::string& out, const Pseudonyms* pseudonyms, RemovalWatcher* watcher)
      : out_(&out), pseudonyms_(pseudonyms), watcher_(watcher) {}

  // Removals inside of `line` are told with their place in it.
  void begin_line(std::string_view line) { line_ = around_ = line; }

  void keep(std::string_view text) {
    flush();
    out_->append(text);
  }
  void keep(char c) {
    flush();
    out_->push_back(c);
  }
  // As keep(), for a part of the line itself: what follows on it joins it, and all goes in one piece. The
  // text must stand until the line is done, or the Aside in which it is passed.
  void pass(std::string_view text) {
    if (text.data() == passing_.data() + passing_.size()) {
      passing_ = {passing_.data(), passing_.size() + text.size()};
    } else {
      flush();
      passing_ = text;
    }
  }
  // `kind` in any case; upper case in the placeholder. A value that is empty leaves nothing.
  void remove(std::string_view rule, std::string_view kind, std::string_view value);

  const std::string& text() const { return *out_; }

  // For a text that was unescaped: what is removed from it is told with the place of `raw`, and goes to
  // `to` until the scope ends, which is when it can be escaped again.
  class Aside {
   public:
    Aside(Sink& sink, std::string& to, std::string_view raw)
        : sink_(sink), out_(sink.out_), around_(sink.around_) {
      sink.flush();
      sink.out_ = &to;
      sink.around_ = raw;
    }
    ~Aside() {
      sink_.flush();
      sink_.out_ = out_;
      sink_.around_ = around_;
    }
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;

   private:
    Sink& sink_;
    std::string* out_;
    std::string_view around_;
  };

 private:
  void flush() {
    out_->append(passing_);
    passing_ = {};
  }

  std::string* out_;
  const Pseudonyms* pseudonyms_;
  RemovalWatcher* watcher_;
  std::string_view line_, around_, passing_;
};

}  // namespace pgward::rules
