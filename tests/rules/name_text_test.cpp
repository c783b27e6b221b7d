#include "rules/name_text.h"

#include "tests/rules/clinic_names.h"

namespace pgward::rules {
namespace {

const Vocabulary& vocabulary() {
  static const Vocabulary words;
  return words;
}

struct NameCase {
  const char* name;
  NameKind kind;
  const char* text;
  std::optional<std::string> kept;
};

class KeepNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(KeepNameTest, KeepsWhatIsKnown) {
  const ClinicNames names;
  EXPECT_EQ(keep_name(Known{vocabulary(), names}, GetParam().kind, GetParam().text), GetParam().kept);
}

INSTANTIATE_TEST_SUITE_P(
    , KeepNameTest,
    testing::Values(NameCase{"plain", NameKind::relation, "patients", "patients"},
                    NameCase{"unknown", NameKind::relation, "quillon", std::nullopt},
                    NameCase{"of_another_kind", NameKind::relation, "last_name", std::nullopt},
                    NameCase{"qualified", NameKind::relation, "clinic.patients", "clinic.patients"},
                    NameCase{"quoted", NameKind::relation, "clinic.\"Odd Table\"", "clinic.\"Odd Table\""},
                    NameCase{"open_quote", NameKind::relation, "clinic.\"Odd", std::nullopt},
                    NameCase{"known_qualifier", NameKind::column, "patients.quillon", "patients.[removed]"},
                    NameCase{"unknown_qualifier", NameKind::column, "quillon.last_name", std::nullopt},
                    NameCase{"three_parts", NameKind::column, "clinic.patients.dob", "clinic.patients.dob"},
                    NameCase{"too_many_parts", NameKind::column, "a.b.c.d.e.f", std::nullopt},
                    NameCase{"dotted_setting", NameKind::setting, "app.tenant_id", "app.tenant_id"},
                    NameCase{"temporary_schema", NameKind::schema, "pg_temp_12", "pg_temp_12"},
                    NameCase{"no_temporary_schema", NameKind::schema, "pg_temp_955123456", std::nullopt},
                    NameCase{"index_as_constraint", NameKind::constraint, "patients_email_lower_idx",
                             "patients_email_lower_idx"},
                    NameCase{"empty", NameKind::any, "", std::nullopt},
                    NameCase{"dots", NameKind::any, "...", std::nullopt}),
    [](const auto& test) { return std::string{test.param.name}; });

struct TypeCase {
  const char* name;
  const char* text;
  bool known;
};

class KnownTypeTest : public testing::TestWithParam<TypeCase> {};

TEST_P(KnownTypeTest, WholeOrNotAtAll) {
  const ClinicNames names;
  EXPECT_EQ(is_known_type(Known{vocabulary(), names}, GetParam().text), GetParam().known);
}

INSTANTIATE_TEST_SUITE_P(
    , KnownTypeTest,
    testing::Values(TypeCase{"built_in", "double precision", true}, TypeCase{"array", "integer[][]", true},
                    TypeCase{"modifier", "numeric(6,2)", true},
                    TypeCase{"modifier_inside", "timestamp(3) with time zone", true},
                    TypeCase{"modifier_is_a_value", "numeric(955123456789)", false},
                    TypeCase{"of_the_schema", "clinic.full_name[]", true},
                    TypeCase{"row_type", "clinic.patients", true}, TypeCase{"unknown", "quillon", false},
                    TypeCase{"half_known", "clinic.quillon", false}, TypeCase{"brackets", "[]", false},
                    TypeCase{"open", "numeric(", false}),
    [](const auto& test) { return std::string{test.param.name}; });

struct CatalogCase {
  const char* name;
  bool stays;
};

class CatalogNameTest : public testing::TestWithParam<CatalogCase> {};

TEST_P(CatalogNameTest, OnlyWhatAProgramWouldCallIt) {
  const ClinicNames names;
  EXPECT_EQ((Known{vocabulary(), names}.has_or_is_catalog_name(NameKind::relation, GetParam().name)),
            GetParam().stays);
}

INSTANTIATE_TEST_SUITE_P(, CatalogNameTest,
                         testing::Values(CatalogCase{"patients", true}, CatalogCase{"tmp_rows2", true},
                                         CatalogCase{"tmp_patients", true}, CatalogCase{"quillon", false},
                                         CatalogCase{"v_Quillon", false}, CatalogCase{"t_quillonsky", false},
                                         CatalogCase{"p_955123456", false}, CatalogCase{"a b_1", false},
                                         CatalogCase{"", false}),
                         [](const auto& test) { return "n" + std::to_string(test.index); });

}  // namespace
}  // namespace pgward::rules
