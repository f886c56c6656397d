#include "rollcall/core/ids.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace rollcall {
namespace {

TEST(Ids, AcceptsTenantNamesThatFitEverywhere) {
    for (const char* good : {"a", "acme", "0", "acme-uk.2_b", "9lives"}) {
        EXPECT_TRUE(valid_tenant_name(good)) << good;
    }
    EXPECT_TRUE(valid_tenant_name(std::string(63, 'a')));
    for (const char* bad :
         {"", "Acme", "-acme", ".acme", "_acme", "ac me", "ac/me", "acmé", "acme\n"}) {
        EXPECT_FALSE(valid_tenant_name(bad)) << bad;
    }
    EXPECT_FALSE(valid_tenant_name(std::string(64, 'a')));
    EXPECT_FALSE(valid_tenant_name(std::string_view{"a\0b", 3}));
}

TEST(Ids, FindsTheNameThatWasMeant) {
    constexpr std::array<std::string_view, 4> known{"listen_address", "data_directory", "log_level",
                                                    "log_file"};
    EXPECT_EQ(nearest_name("log_levle", known), "log_level");
    EXPECT_EQ(nearest_name("LogLevel", known), "log_level");
    EXPECT_EQ(nearest_name("datadirectory", known), "data_directory");
    EXPECT_EQ(nearest_name("listen_adress", known), "listen_address");
    EXPECT_EQ(nearest_name("colour", known), "");
    EXPECT_EQ(nearest_name("", known), "");
    EXPECT_EQ(nearest_name("log_level", {}), "");
    EXPECT_EQ(nearest_name(std::string(100'000, 'l'), known), "");
}

TEST(Ids, TakesTheFirstOfEquallyNearNames) {
    constexpr std::array<std::string_view, 2> known{"cat", "bat"};
    EXPECT_EQ(nearest_name("hat", known), "cat");
}

} // namespace
} // namespace rollcall
