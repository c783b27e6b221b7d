#include "auth/strict_json.h"

#include <utility>
#include <vector>

namespace pgward::auth {
namespace {

// Builds the tree as the library reads the text. Answering false stops it.
class TreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit TreeBuilder(std::size_t depth_max) : depth_max_(depth_max) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not part of JSON text
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (open_.back()->contains(name)) return fail(JsonError::duplicate_member);
    name_ = std::move(name);
    return true;
  }

  // The library's text quotes the input, so it goes nowhere.
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return fail(JsonError::malformed);
  }

  JsonError error() const { return error_; }
  Json take() { return std::move(root_); }

 private:
  // Pointers to open containers stay good: a parent takes no further child before this one is closed.
  Json* add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[name_] = std::move(value));
  }
  bool put(Json value) {
    add(std::move(value));
    return true;
  }
  bool open(Json container) {
    if (open_.size() >= depth_max_) return fail(JsonError::too_deep);
    open_.push_back(add(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  bool fail(JsonError error) {
    error_ = error;
    return false;
  }

  std::size_t depth_max_;
  Json root_;
  std::vector<Json*> open_;
  std::string name_;
  JsonError error_ = JsonError::malformed;
};

}  // namespace

std::variant<Json, JsonError> parse_strict_json(std::string_view text, std::size_t depth_max) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.find('\0') != std::string_view::npos || text.starts_with(kByteOrderMark))
    return JsonError::malformed;
  TreeBuilder builder{depth_max};
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return builder.error();
  return builder.take();
}

const Json* member(const Json& value, std::string_view name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

}  // namespace pgward::auth
