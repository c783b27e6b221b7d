#include "policy/first_policy.h"

#include <algorithm>

#include "policy/guess.h"

namespace pgward::policy {
namespace {

// A YAML scalar that is nothing but itself.
std::string scalar(std::string_view text) {
  const bool plain =
      !text.empty() &&
      std::all_of(
          text.begin(), text.end(),
          [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.' || (c >= '0' && c <= '9'); }) &&
      text.front() >= 'a' && text.front() <= 'z';
  constexpr std::string_view kWords[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  if (plain && std::find(std::begin(kWords), std::end(kWords), text) == std::end(kWords))
    return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

// One line: a name with a line end in it cannot be written into the file, and is left out.
bool fits_a_line(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
}

std::string shown(std::string_view name) {
  std::string out;
  for (const char c : name) out += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? '?' : c;
  return out;
}

std::string key_of(const RelationName& name) {
  return scalar(name.schema == "public" ? quote_identifier(name.name) : name.sql());
}

std::string_view type_word(TenantType type) {
  constexpr std::string_view kWords[] = {"uuid", "int2", "int4", "int8", "text", "varchar"};
  return kWords[static_cast<std::size_t>(type)];
}

bool is_view(const Relation& relation) {
  return relation.kind == RelationKind::view;
}

bool is_table(const Relation& relation) {
  return relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned_table ||
         relation.kind == RelationKind::foreign_table;
}

class Writer {
 public:
  Writer(const Catalog& catalog, const Survey& survey)
      : catalog_(catalog), survey_(survey), tenants_(guess_tenants(catalog, survey)) {}

  std::string write() {
    for (const auto& [name, relation] : catalog_.relations) sort_out(relation);
    return head() + tenant() + (tables_.empty() && shared_.empty() ? "tables: {}\n" : "tables:\n") + tables_ +
           shared_ + rest_ + functions() + roles();
  }

 private:
  struct Owned {
    std::string column;
    const TenantGuess* guess;
  };

  std::optional<Owned> owned(const RelationName& name) const {
    for (const TenantGuess& guess : tenants_)
      if (const auto found = guess.columns.find(name);
          found != guess.columns.end() && fits_a_line(found->second))
        return Owned{found->second, &guess};
    return std::nullopt;
  }

  // A view belongs to tenants when a column of it has the name of its table's tenant column.
  std::optional<Owned> owned_view(const Relation& view) const {
    for (const Relation* table : catalog_.base_tables(view))
      if (const auto owner = owned(table->name))
        if (const Column* column = view.column(owner->column);
            column && tenant_type_of(*column) == owner->guess->type)
          return owner;
    return std::nullopt;
  }

  std::string comment_of(const RelationName& table, const std::string& column) const {
    const TableFacts* facts = survey_.table(table);
    const auto found = facts == nullptr ? decltype(facts->columns.end()){} : facts->columns.find(column);
    return facts == nullptr || found == facts->columns.end() ? "" : found->second.comment;
  }

  std::vector<std::string> primary_key(const RelationName& table) const {
    for (const TableIndex& index : survey_.indexes)
      if (index.table == table && index.primary) return index.columns;
    return {};
  }

  void sort_out(const Relation& relation) {
    if (belongs_to_server(relation.name.schema) || !fits_a_line(relation.name.text())) return;
    if (!is_table(relation) && !is_view(relation)) {
      if (relation.kind == RelationKind::materialized_view)
        rest_ += "  # materialized view " + shown(relation.name.sql()) +
                 ": holds rows of everybody and has no row-level security; refused\n";
      return;
    }
    const bool child = std::any_of(relation.parents.begin(), relation.parents.end(), [&](Oid parent) {
      const Relation* above = catalog_.find(parent);
      return above != nullptr && owned(above->name);
    });
    if (child) return;  // takes its parent's rule
    const auto owner = is_view(relation) ? owned_view(relation) : owned(relation.name);
    if (owner)
      tenant_table(relation, *owner);
    else
      unowned(relation);
  }

  void tenant_table(const Relation& relation, const Owned& owner) {
    const auto why = owner.guess->why.find(relation.name);
    tables_ += "  " + key_of(relation.name) + ":\n    tenant: ";
    if (owner.guess == &tenants_.front())
      tables_ += scalar(owner.column);
    else
      tables_ += "{column: " + scalar(owner.column) + ", attribute: " + scalar(owner.guess->attribute) + "}";
    tables_ += "  # guessed: " +
               (why == owner.guess->why.end() ? "the column of the table below the view" : why->second) +
               "\n";
    identity(relation, owner);
    phi(relation, owner);
  }

  void identity(const Relation& relation, const Owned& owner) {
    std::vector<std::string> key = primary_key(relation.name);
    if (key.empty() && relation.column("id") != nullptr) key = {"id"};
    std::erase_if(key,
                  [&](const std::string& column) { return column == owner.column || !fits_a_line(column); });
    if (!key.empty())
      tables_ += "    record: " + list(key) + "  # guessed: the primary key without the tenant\n";
    const std::string plain = plain_name(relation.name.name);
    if (plain == "patient" || plain == "patients") {
      if (!key.empty())
        tables_ += "    subject: " + list(key) + "  # guessed: a patient's record is about the patient\n";
      return;
    }
    for (const Column& column : relation.columns)
      if (const std::string name = plain_name(column.name);
          name == "patientid" || name == "patient" || name == "subjectid") {
        if (fits_a_line(column.name))
          tables_ += "    subject: " + scalar(column.name) + "  # guessed: by name\n";
        return;
      }
  }

  static std::string list(const std::vector<std::string>& columns) {
    if (columns.size() == 1) return scalar(columns.front());
    std::string text;
    for (const std::string& column : columns) text += (text.empty() ? "[" : ", ") + scalar(column);
    return text + "]";
  }

  void phi(const Relation& relation, const Owned& owner) {
    std::string columns;
    for (const Column& column : relation.columns) {
      if (column.name == owner.column || !fits_a_line(column.name)) continue;
      const auto guess = guess_phi(column, comment_of(relation.name, column.name));
      if (!guess) continue;
      columns += "      " + scalar(column.name) + ": " + guess->kind;
      if (guess->why != "by name") columns += "  # " + guess->why;
      columns += "\n";
    }
    if (!columns.empty()) tables_ += "    phi:  # guessed by name where nothing else is said\n" + columns;
  }

  // Reference data: others point to it, it points to nothing of a tenant, and nothing in it looks like a
  // person.
  void unowned(const Relation& relation) {
    const std::string name = shown(relation.name.sql());
    for (const ForeignKey& key : survey_.foreign_keys)
      if (key.table == relation.name && owned(key.references)) {
        rest_ += "  # " + name + ": no tenant column, but " + shown(quote_identifier(key.name)) +
                 " points to " + shown(key.references.sql()) +
                 ".\n  #   Give it a tenant column, or it stays refused.\n";
        return;
      }
    if (is_view(relation)) {
      if (catalog_.base_tables(relation).empty()) return;
      rest_ += "  # view " + name + ": no tenant column in it; refused\n";
      return;
    }
    const bool pointed_to =
        std::any_of(survey_.foreign_keys.begin(), survey_.foreign_keys.end(),
                    [&](const ForeignKey& key) { return key.references == relation.name; });
    const std::string personal = looks_personal(relation);
    if (!personal.empty())
      rest_ += "  # " + name + ": no tenant column, and " + personal + " looks like PHI; refused\n";
    else if (pointed_to)
      shared_ +=
          "  " + key_of(relation.name) +
          ": {shared: read}  # guessed: other tables point to it and nothing in it looks like a person's\n";
    else
      rest_ += "  # " + key_of(relation.name) +
               ": {shared: read}  # reference data? nothing points to it; refused until you say so\n";
  }

  std::string looks_personal(const Relation& relation) const {
    constexpr std::string_view kPersonal[] = {"ssn",     "mrn",       "email",      "phone",
                                              "address", "insurance", "identifier", "secret"};
    for (const Column& column : relation.columns) {
      const auto guess = guess_phi(column, comment_of(relation.name, column.name));
      const std::string plain = plain_name(column.name);
      const bool names_a_person = guess && guess->kind == "name" && plain != "name";
      if (guess &&
          (names_a_person || guess->why == "by its comment" ||
           std::find(std::begin(kPersonal), std::end(kPersonal), guess->kind) != std::end(kPersonal)))
        return shown(quote_identifier(column.name));
    }
    return "";
  }

  // Only where every table has its wall already; else the policy would refuse the database it was made from.
  bool walls_stand() const {
    return !tenants_.empty() && !catalog_.upstream_bypasses_rls &&
           std::all_of(catalog_.relations.begin(), catalog_.relations.end(), [&](const auto& one) {
             const auto owner = owned(one.first);
             return !owner || (one.second.row_security && one.second.force_row_security &&
                               owner->guess->setting_was_found);
           });
  }

  std::string head() const {
    std::string text =
        "# A first policy for database " + shown(catalog_.database) +
        ", guessed by pgward init. Read every line: what is\n" +
        "# not named here is refused. Then: pgward check --upstream .. --policy THIS_FILE\nversion: 1\n";
    if (walls_stand()) return text + "mode: rls+predicate\n";
    return text +
           "mode: predicate  # no row-level security yet: run what pgward ddl prints, then make it "
           "rls+predicate\n";
  }

  std::string tenant() const {
    if (tenants_.empty())
      return "# No column looks like the name of a tenant. Name it: {claim: clinic_id, setting: "
             "app.clinic_id, type: uuid}\n";
    std::string text = "tenant:  # claim: what your identity provider calls it\n";
    for (const TenantGuess& guess : tenants_)
      text +=
          "  - {claim: " + scalar(guess.attribute) + ", setting: " + scalar(guess.setting) +
          ", type: " + std::string(type_word(guess.type)) + "}  # in " +
          std::to_string(guess.columns.size()) + " table" + (guess.columns.size() == 1 ? "" : "s") +
          (guess.setting_was_found ? "; row-level security reads this setting" : "; the setting is made up") +
          "\n";
    return text + "default: refuse\n";
  }

  std::string functions() const {
    std::set<std::string> names;
    for (const auto& [bare, function] : catalog_.functions)
      if (!belongs_to_server(function.name.schema) && function.extension.empty() &&
          !function.security_definer && function.kind == 'f' &&
          function.volatility == Volatility::immutable && fits_a_line(function.name.text()))
        names.insert(function.name.sql());
    if (names.empty()) return "";
    std::string text =
        "# Functions of your own are refused unless they stand here. These are IMMUTABLE, so they should "
        "read no table:\n";
    for (const std::string& name : names) text += "#   " + name + "\n";
    return text + "# functions: {allow: [..]}\n";
  }

  std::string roles() const {
    return "roles:  # names of roles in your tokens\n"
           "  clinician: {may: [select, insert, update, delete]}\n"
           "  reader: {may: [select]}\n";
  }

  const Catalog& catalog_;
  const Survey& survey_;
  std::vector<TenantGuess> tenants_;
  std::string tables_, shared_, rest_;
};

}  // namespace

std::string first_policy(const Catalog& catalog, const Survey& survey) {
  return Writer(catalog, survey).write();
}

}  // namespace pgward::policy
