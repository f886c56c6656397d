// The mapper by itself: what each field of a row becomes, and what the fingerprint sees.
#include "rollcall/sync/mapping.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "rollcall/core/random.hpp"
#include "support/sync_case.hpp"

namespace {

using namespace rollcall;
using namespace rollcall::sync;
using directory::field;
using rollcall::test::employee;

const date today = *date_from_civil(2026, 6, 15);

// A person with every mapped field set.
employee full() {
    employee e("PW1");
    e.with(source_field::known_as, "Annie")
        .with(source_field::job_role, "Engineer")
        .with(source_field::company, "Acme")
        .with(source_field::location, "Leeds")
        .with(source_field::reports_to_id, "PW2")
        .with(source_field::start_date, "2020-01-01")
        .with(source_field::leaving_date, "2030-01-01")
        .with(source_field::image, "bytes");
    return e;
}

struct mapping_case {
    tenant_settings settings;
    std::size_t text_bytes_max = 4096;

    // The mapper lives on: views stay valid until the next call.
    const mapped_person& map(const employee& e) {
        mapper_ = std::make_unique<mapper>(settings, today, text_bytes_max);
        row_ = {};
        kept_ = e;
        kept_.fill(row_);
        return mapper_->map(row_);
    }
    std::uint64_t fingerprint(const employee& e) { return map(e).fingerprint; }

  private:
    std::unique_ptr<mapper> mapper_;
    employee kept_{"none"};
    source_row row_;
};

bool has_issue(const mapped_person& p, issue_kind kind, field f) {
    for (std::size_t i = 0; i < p.issue_count; ++i) {
        if (p.issues[i].kind == kind && p.issues[i].field == f) return true;
    }
    return false;
}

TEST(Mapping, EveryFieldOfTheTableIsMapped) {
    mapping_case c;
    const auto& p = c.map(full());
    const std::map<field, std::string> expected{
        {field::external_id, "PW1"},    {field::email, "PW1@example.com"},
        {field::first_name, "Ann"},     {field::last_name, "Of PW1"},
        {field::job_title, "Engineer"}, {field::location, "Leeds"},
        {field::department, "Works"},   {field::company, "Acme"},
        {field::manager_id, "PW2"}};
    for (const auto& [f, value] : expected) EXPECT_EQ(p.values.get(f), value) << name_of(f);
    EXPECT_EQ(p.folded_email, "pw1@example.com");
    EXPECT_EQ(p.values.get(field::avatar).size(), 32u) << "a hash, not the picture";
    EXPECT_EQ(p.values.start_date, *date_from_civil(2020, 1, 1));
    EXPECT_EQ(p.values.leaving_date, *date_from_civil(2030, 1, 1));
    EXPECT_EQ(p.issue_count, 0);
    EXPECT_FALSE(p.rejected || p.left);
    EXPECT_TRUE(p.in_scope);
    EXPECT_EQ(p.keep, 0);
}

TEST(Mapping, TheFingerprintMovesWithEveryMappedFieldAndWithNothingElse) {
    mapping_case c;
    c.settings.known_as = true;
    std::set<std::uint64_t> seen{c.fingerprint(full())};
    EXPECT_EQ(c.fingerprint(full()), *seen.begin());
    using f = source_field;
    const std::vector<std::pair<f, std::string>> moves{
        {f::employee_id, "PW3"}, {f::last_name, "Other"},         {f::known_as, "Anne"},
        {f::email, "o@x.org"},   {f::start_date, "2020-01-02"},   {f::job_role, "Cook"},
        {f::company, "Other"},   {f::location, "York"},           {f::department, "Stores"},
        {f::status, "3"},        {f::leaving_date, "2030-01-02"}, {f::reports_to_id, "PW4"},
        {f::image, "other"},     {f::leaving_date, "2026-06-14"}};
    for (const auto& [which, value] : moves) {
        EXPECT_TRUE(seen.insert(c.fingerprint(full().with(which, value))).second)
            << static_cast<int>(which) << " " << value;
    }
    EXPECT_EQ(c.fingerprint(full().with(f::first_name, "Anna")), c.fingerprint(full()))
        << "Known As stands in its place";
    EXPECT_EQ(c.fingerprint(full().with(f::reports_to, "Somebody Else")), c.fingerprint(full()))
        << "the id says who is meant";
    c.settings.extra_fields = {{"code", "APIColumn1"}};
    EXPECT_TRUE(seen.insert(c.fingerprint(full().extra({"7"}))).second);
    EXPECT_TRUE(seen.insert(c.fingerprint(full().extra({"8"}))).second);
}

TEST(Mapping, TextsThatRunIntoEachOtherGiveDifferentFingerprints) {
    mapping_case c;
    EXPECT_NE(c.fingerprint(
                  full().with(source_field::location, "ab").with(source_field::department, "c")),
              c.fingerprint(
                  full().with(source_field::location, "a").with(source_field::department, "bc")));
}

TEST(Mapping, G12WhiteSpaceAndNormalFormDoNotCount) {
    mapping_case c;
    EXPECT_EQ(c.fingerprint(full().with(source_field::location, "Caf\u00e9")),
              c.fingerprint(full().with(source_field::location, " \tCafe\u0301 ")));
    EXPECT_EQ(c.fingerprint(full().with(source_field::location, " ")), c.fingerprint([] {
        auto e = full();
        e.others[static_cast<std::size_t>(source_field::location)].clear();
        return e;
    }()));
}

TEST(Mapping, AValueOfAWrongTypeIsKeptAsStoredAndNamed) {
    const std::vector<std::pair<source_field, field>> table{
        {source_field::job_role, field::job_title},
        {source_field::location, field::location},
        {source_field::department, field::department},
        {source_field::company, field::company},
        {source_field::reports_to_id, field::manager_id},
        {source_field::image, field::avatar},
        {source_field::start_date, field::start_date},
        {source_field::leaving_date, field::leaving_date}};
    for (const auto& [from, to] : table) {
        SCOPED_TRACE(name_of(to));
        mapping_case c;
        auto e = full();
        e.wrong_type = 1u << static_cast<unsigned>(from);
        const auto& p = c.map(e);
        EXPECT_TRUE(p.keeps(to));
        EXPECT_EQ(has_issue(p, issue_kind::wrong_type, to), to != field::avatar);
        EXPECT_FALSE(p.rejected) << "an optional field does not reject its person";
    }
}

TEST(Mapping, ATextOverTheLimitIsLeftOutAndNamedAndRejectsWhereItIsRequired) {
    mapping_case c;
    c.text_bytes_max = 20;
    const std::string long_text(21, 'x');
    const auto& optional = c.map(full().with(source_field::job_role, long_text));
    EXPECT_TRUE(has_issue(optional, issue_kind::too_long, field::job_title));
    EXPECT_TRUE(optional.keeps(field::job_title));
    EXPECT_EQ(optional.values.get(field::job_title), "");
    EXPECT_FALSE(optional.rejected);
    for (const auto which :
         {source_field::last_name, source_field::email, source_field::first_name}) {
        EXPECT_TRUE(c.map(full().with(which, long_text)).rejected);
    }
}

TEST(Mapping, WT2KnownAsAndPicturesAreNotUsedByWethrive) {
    mapping_case c;
    c.settings = defaults_of(profile::wethrive);
    c.settings.known_as = true;
    const auto& p = c.map(full());
    EXPECT_EQ(p.values.get(field::first_name), "Ann");
    EXPECT_EQ(p.values.get(field::avatar), "");
    EXPECT_TRUE(p.keeps(field::avatar));
}

TEST(Mapping, LA6TheNearMissOfACompanyIsNamedInItsOwnLetters) {
    tenant_settings settings;
    settings.company = "acme  ";
    mapper exact(settings, today, 4096);
    source_row row;
    const auto person = full(); // its Company is "Acme"
    person.fill(row);
    EXPECT_TRUE(exact.map(row).in_scope) << "trimmed and folded";
    EXPECT_TRUE(exact.company_matched());
    settings.company = "Acme Limited";
    mapper near_miss(settings, today, 4096);
    EXPECT_FALSE(near_miss.map(row).in_scope);
    EXPECT_FALSE(near_miss.company_matched());
    EXPECT_EQ(near_miss.company_near_miss(), "Acme");
}

TEST(La39, TheNameOfReportsToStandsInWhereThereIsNoId) {
    mapping_case c;
    const auto named = [](const char* id, const char* name) {
        return full().reports_to(id).with(source_field::reports_to, name);
    };
    EXPECT_EQ(c.map(named("", " Jo  Li ")).values.get(field::manager_name), "Jo  Li");
    EXPECT_EQ(c.map(named("", "Jo")).values.get(field::manager_id), "");
    const auto& both = c.map(named("PW2", "Jo"));
    EXPECT_EQ(both.values.get(field::manager_id), "PW2");
    EXPECT_EQ(both.values.get(field::manager_name), "");
    EXPECT_EQ(both.keep, 0) << "a name from before is cleared by the id";
}

TEST(La39, WhatCannotBeReadOfTheManagerIsNoEvidenceAboutEither) {
    for (const auto broken : {source_field::reports_to_id, source_field::reports_to}) {
        mapping_case c;
        auto e = full().reports_to("");
        e.wrong_type = 1u << static_cast<unsigned>(broken);
        const auto& p = c.map(e);
        EXPECT_TRUE(p.keeps(field::manager_id));
        EXPECT_TRUE(p.keeps(field::manager_name));
    }
}

TEST(La36, WithTheOptionOffNeitherIdNorNameIsWanted) {
    mapping_case c;
    c.settings.manager_from_reports_to = false;
    const auto& p = c.map(full().with(source_field::reports_to, "Jo"));
    EXPECT_EQ(p.values.get(field::manager_id), "");
    EXPECT_EQ(p.values.get(field::manager_name), "");
    EXPECT_FALSE(p.keeps(field::manager_id)) << "ours is cleared";
    c.settings = defaults_of(profile::wethrive);
    c.settings.manager_from_reports_to = false;
    EXPECT_EQ(c.map(full()).values.get(field::manager_id), "PW2") << "no option of WeThrive's";
}

TEST(La34, ABlankDepartmentIsKeptAndNamedUnlessItIsToBeCleared) {
    mapping_case c;
    const auto blank = full().dept(" ");
    const auto& p = c.map(blank);
    EXPECT_TRUE(p.keeps(field::department));
    EXPECT_TRUE(has_issue(p, issue_kind::blank_department, field::department));
    auto gone = blank;
    gone.left();
    EXPECT_FALSE(has_issue(c.map(gone), issue_kind::blank_department, field::department));
    c.settings.clear_blank_department = true;
    EXPECT_FALSE(c.map(blank).keeps(field::department));
    EXPECT_EQ(c.map(blank).issue_count, 0);
    c.settings = defaults_of(profile::wethrive);
    EXPECT_FALSE(c.map(blank).keeps(field::department));
    EXPECT_EQ(c.map(blank).issue_count, 0);
}

TEST(G14, ExtraFieldsAreOneTextOfThoseThatAreSet) {
    mapping_case c;
    EXPECT_EQ(c.map(full().extra({"7"})).values.get(field::attributes), "") << "nothing is mapped";
    c.settings.extra_fields = {{"code", "APIColumn1"}, {"cost_centre", "X"}, {"grade", "Y"}};
    const auto text = [&c](std::vector<std::string> values) {
        return std::string(c.map(full().extra(std::move(values))).values.get(field::attributes));
    };
    EXPECT_EQ(text({" 7 ", "", "Cafe\u0301"}), "{\"code\":\"7\",\"grade\":\"Caf\u00e9\"}");
    EXPECT_EQ(text({"", " ", ""}), "");
    EXPECT_EQ(text({"a\"b\\c\x01", "", ""}), "{\"code\":\"a\\\"b\\\\c\\u0001\"}");
    EXPECT_EQ(text({}), "") << "a source that was not asked for them";
    c.text_bytes_max = 40;
    const auto& p = c.map(full().extra({std::string(30, 'x'), "", ""}));
    EXPECT_EQ(p.values.get(field::attributes), "");
    EXPECT_TRUE(p.keeps(field::attributes));
    EXPECT_TRUE(has_issue(p, issue_kind::too_long, field::attributes));
}

TEST(Mapping, AnImageGivenByItsHashIsTheAvatarOfTheImage) {
    mapping_case c;
    const auto fingerprint = c.fingerprint(full());
    const std::string hash(c.map(full()).values.get(field::avatar));
    const auto by_hash = full().with(source_field::image, std::string(image_hash_prefix) + hash);
    EXPECT_EQ(c.map(by_hash).values.get(field::avatar), hash);
    EXPECT_EQ(c.fingerprint(by_hash), fingerprint);
    // Whatever only looks like one is an image.
    for (const auto& odd : {hash, std::string(image_hash_prefix) + hash.substr(1),
                            std::string(image_hash_prefix) + std::string(32, 'G')}) {
        EXPECT_NE(c.map(full().with(source_field::image, odd)).values.get(field::avatar), hash);
    }
    auto broken = full().with(source_field::image, "");
    broken.wrong_type = 1u << static_cast<unsigned>(source_field::image);
    EXPECT_TRUE(c.map(broken).keeps(field::avatar));
}

// The mapper's scratch of one row must never show in the next.
TEST(Mapping, WhatCameBeforeDoesNotShow) {
    random_source random(3);
    tenant_settings settings;
    settings.known_as = true;
    settings.company = "Acme";
    settings.extra_fields = {{"a", "APIColumn1"}, {"b", "APIColumn2"}};
    mapper used(settings, today, 60);
    static constexpr std::string_view values[] = {
        "",           " ",
        "Acme",       "acme",
        "a@b.co",     "2026-06-14",
        "2031-02-30", "3",
        "Caf\u00e9",  "a text that is longer than what sixty bytes of it would be"};
    for (int i = 0; i < 20'000; ++i) {
        source_row row;
        for (auto& each : row.fields) each = values[random.below(std::size(values))];
        const std::array extra{values[random.below(std::size(values))],
                               values[random.below(std::size(values))]};
        row.extra = extra;
        row.wrong_type = random.chance(0.2) ? static_cast<std::uint32_t>(random.below(1 << 15)) : 0;
        mapper fresh(settings, today, 60);
        const auto& a = used.map(row);
        const auto& b = fresh.map(row);
        ASSERT_EQ(a.fingerprint, b.fingerprint) << i;
        ASSERT_EQ(a.values.text, b.values.text) << i;
        ASSERT_EQ(a.folded_email, b.folded_email) << i;
        ASSERT_EQ(a.issue_count, b.issue_count) << i;
        ASSERT_EQ(a.rejected, b.rejected) << i;
        ASSERT_EQ(a.in_scope, b.in_scope) << i;
    }
}

} // namespace
