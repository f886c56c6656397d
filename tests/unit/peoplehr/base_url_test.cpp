#include "rollcall/peoplehr/base_url.hpp"

#include <gtest/gtest.h>

namespace rollcall::peoplehr {
namespace {

TEST(BaseUrl, GivesHostPortAndPath) {
    const auto plain = parse_base_url("https://api.peoplehr.net");
    ASSERT_TRUE(plain.has_value());
    EXPECT_EQ(plain->to, (http::endpoint{"api.peoplehr.net", "443", true, ""}));
    EXPECT_EQ(plain->path, "");
    const auto slash = parse_base_url("HTTPS://api.peoplehr.net//");
    ASSERT_TRUE(slash.has_value());
    EXPECT_EQ(slash->path, "");
    const auto deep = parse_base_url("https://proxy.example:8443/people/hr/");
    ASSERT_TRUE(deep.has_value());
    EXPECT_EQ(deep->to, (http::endpoint{"proxy.example", "8443", true, ""}));
    EXPECT_EQ(deep->path, "/people/hr");
    const auto six = parse_base_url("https://[2001:db8::7]:444");
    ASSERT_TRUE(six.has_value());
    EXPECT_EQ(six->to, (http::endpoint{"2001:db8::7", "444", true, ""}));
}

TEST(BaseUrl, PlainHttpIsForLoopbackOnly) {
    for (const char* good :
         {"http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "http://127.1.2.3"}) {
        const auto got = parse_base_url(good);
        ASSERT_TRUE(got.has_value()) << good;
        EXPECT_FALSE(got->to.tls);
    }
    EXPECT_EQ(parse_base_url("http://localhost")->to.port, "80");
    for (const char* bad :
         {"http://api.peoplehr.net", "http://127.evil.example", "http://localhost.evil.example",
          "http://10.0.0.1", "http://[::2]", "http://1270.0.0.1"}) {
        const auto got = parse_base_url(bad);
        ASSERT_FALSE(got.has_value()) << bad;
        EXPECT_EQ(got.error().code, errc::invalid_argument);
        EXPECT_NE(got.error().detail.find("loopback"), std::string::npos);
    }
}

TEST(BaseUrl, WhatIsNoAddressIsRefused) {
    for (const char* bad : {"",
                            "api.peoplehr.net",
                            "ftp://x",
                            "https://",
                            "https:///x",
                            "https://:443",
                            "https://a b",
                            "https://a:0",
                            "https://a:65536",
                            "https://a:",
                            "https://a:4x",
                            "https://a:44 3",
                            "https://[::1",
                            "https://[]",
                            "https://[g::1]",
                            "https://[::1]x",
                            "https://user:pw@a",
                            "https://a/?q=1",
                            "https://a?q",
                            "https://a#f",
                            "https://a/b c",
                            "https://a/\r\nX: y",
                            "https://a\r\n",
                            "https://a%2e"}) {
        const auto got = parse_base_url(bad);
        ASSERT_FALSE(got.has_value()) << bad;
        EXPECT_EQ(got.error().code, errc::invalid_argument);
        EXPECT_TRUE(got.error().detail.starts_with("base_url: "));
    }
}

} // namespace
} // namespace rollcall::peoplehr
