#include "tenant_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace rollcall::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

tenant_file parse(const std::string& text) {
    std::istringstream in("");
    std::ostringstream out, err;
    terminal where{
        in, out, err, false, false, [](const std::string& name) -> std::optional<std::string> {
            if (name == "ACME_KEY") return " key-of-acme \n";
            return std::nullopt;
        }};
    return parse_tenant_file(text, "t.toml", where);
}

TEST(TenantFile, TakesDefaultsFromTheTableAndFromTheProfile) {
    const auto file = parse(R"([defaults]
time_zone = "Europe/Paris"
known_as = true

[[tenant]]
name = "acme"
api_key_env = "ACME_KEY"
known_as = false

[[tenant]]
name = "beta"
profile = "wethrive"
missing_after = 5
)");
    EXPECT_THAT(file.errors, IsEmpty());
    ASSERT_EQ(file.tenants.size(), 2u);
    EXPECT_EQ(file.tenants[0].settings.time_zone, "Europe/Paris");
    EXPECT_FALSE(file.tenants[0].settings.known_as);
    EXPECT_EQ(file.tenants[0].api_key.reveal(), "key-of-acme");
    auto beta = sync::defaults_of(sync::profile::wethrive);
    beta.time_zone = "Europe/Paris";
    beta.known_as = true;
    beta.missing_after = 5;
    EXPECT_EQ(file.tenants[1].settings, beta);
    EXPECT_TRUE(file.tenants[1].api_key.empty());
}

TEST(TenantFile, ReportsEveryErrorWithItsPlace) {
    const auto file = parse(R"([defaults]
compny = "x"
[[tenant]]
name = "acme"
email_fallback = "true"
api_key_env = "NOPE"
[[tenant]]
name = "acme"
missing_after = 99
[[tenant]]
known_as = true
)");
    EXPECT_THAT(file.errors,
                ElementsAre(StartsWith("t.toml:2:1: \"compny\" is not a setting; did you mean"),
                            StartsWith("t.toml:5:18: email_fallback takes a boolean (true, false); "
                                       "this is a string"),
                            StartsWith("t.toml:6:15: The environment has no variable NOPE"),
                            StartsWith("t.toml:8:8: \"acme\" is there already, in line 4"),
                            AllOf(StartsWith("t.toml:9:17: "), HasSubstr("1 to 30")),
                            StartsWith("t.toml:10:1: This tenant has no name")));
}

TEST(TenantFile, ReportsEverySyntaxErrorAndGoesOnBehindIt) {
    const auto file = parse(R"([[tenant]
name = "acme"
[[tenant]]
name = = "beta"
company = "open
[[tenant]]
name = "gamma"
name = "delta"
known_as = 1
)");
    EXPECT_THAT(file.errors, ElementsAre(StartsWith("t.toml:1:"), StartsWith("t.toml:4:"),
                                         StartsWith("t.toml:5:"), StartsWith("t.toml:8:"),
                                         StartsWith("t.toml:9:12: known_as takes a boolean")));
}

TEST(TenantFile, TakesNoKeyFromTwoPlaces) {
    const auto file = parse(
        "[[tenant]]\nname = \"a\"\napi_key_env = \"ACME_KEY\"\n"
        "api_key_file = \"/nowhere\"\n");
    EXPECT_THAT(file.errors, ElementsAre(HasSubstr("both given")));
}

TEST(TenantFile, NamesUnknownTablesAtTheTop) {
    const auto file = parse("tenants = 1\n[default]\nknown_as = true\n");
    EXPECT_THAT(file.errors, ElementsAre(HasSubstr("did you mean \"tenant\""),
                                         HasSubstr("did you mean \"defaults\"")));
}

TEST(TenantFile, EndsOnAnyRubbish) {
    EXPECT_THAT(parse(std::string(200, '[')).errors, ::testing::Not(IsEmpty()));
    EXPECT_THAT(parse("a = \"\"\"\n[[tenant]]\nname = \"b\"\n").errors, ::testing::Not(IsEmpty()));
    EXPECT_THAT(parse("\xff\xfe").errors, ::testing::Not(IsEmpty()));
    EXPECT_THAT(parse("").errors, IsEmpty());
}

} // namespace
} // namespace rollcall::cli
