// JSON written by appending: a record is rendered on the path of a statement, so there is no document in
// between.
//
//   JsonMembers m{out};                      out gets "name":value,"name":value without braces
//   m.text("kind", kind).number("rows", 3);
//   { auto inner = m.object("src"); inner.text("ip", address); }   closes at the end of the block
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pgward::audit {

// With quotes. Invalid UTF-8 becomes U+FFFD; control characters (also DEL and U+0080 to U+009F, which
// terminals obey) become \u00xx.
void append_json_string(std::string& out, std::string_view text);
void append_number(std::string& out, std::uint64_t value);
void append_number(std::string& out, std::int64_t value);

class JsonMembers {
 public:
  explicit JsonMembers(std::string& out) : out_(out) {}
  JsonMembers(const JsonMembers&) = delete;
  JsonMembers& operator=(const JsonMembers&) = delete;
  ~JsonMembers() {
    if (object_) out_ += '}';
  }

  JsonMembers& text(std::string_view member, std::string_view value);
  JsonMembers& number(std::string_view member, std::uint64_t value);
  JsonMembers& number(std::string_view member, std::int64_t value);
  JsonMembers& boolean(std::string_view member, bool value);
  JsonMembers& texts(std::string_view member, const std::vector<std::string>& values);
  JsonMembers& rendered(std::string_view members);  // members that are JSON text already; empty: nothing
  // Whose value the caller appends to the same string.
  JsonMembers& name(std::string_view member);
  JsonMembers object(std::string_view member);

 private:
  JsonMembers(std::string& out, bool object) : out_(out), object_(object) {}
  void comma();

  std::string& out_;
  bool first_ = true;
  bool object_ = false;
};

}  // namespace pgward::audit
