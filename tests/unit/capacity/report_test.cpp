// What a plan looks like: the structure of the documents, not their words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <regex>
#include <set>

#include "capacity/chart.hpp"
#include "rollcall/capacity/plan.hpp"

namespace rollcall::capacity {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

plan some_plan(double tenants = 1'000, std::string name = "a <b> & \"c\"") {
    fleet f;
    f.name = std::move(name);
    f.tenants = tenants;
    f.webhook_share = 0.5;
    f.buttons_per_day = 100;
    f.day = office_day();
    return plan_of(f, shipped_machine());
}

// Whether each tag is closed in order; empty if so, else what is wrong.
std::string badly_formed(const std::string& page) {
    static const std::regex tags("<(/?)([a-zA-Z0-9]+)((?:\\s+[a-zA-Z:-]+=\"[^\"<]*\")*)\\s*(/?)>");
    std::vector<std::string> open;
    auto rest = page.substr(page.find('\n')); // behind the doctype
    // A style has braces and no tags.
    const auto style = rest.find("<style>");
    rest.erase(style + 7, rest.find("</style>") - style - 7);
    std::string between = rest;
    for (std::sregex_iterator at(rest.begin(), rest.end(), tags), end; at != end; ++at) {
        const auto& m = *at;
        if (m[4].length() != 0) continue;
        if (m[1].length() == 0) {
            open.push_back(m[2]);
        } else {
            if (open.empty() || open.back() != m[2]) return "</" + m[2].str() + ">";
            open.pop_back();
        }
    }
    between = std::regex_replace(between, tags, "");
    if (between.find_first_of("<>") != between.npos) {
        return "stray: " + between.substr(between.find_first_of("<>"), 60);
    }
    static const std::regex bare("&(?!(amp|lt|gt|quot);)");
    if (std::regex_search(between, bare)) return "a bare &";
    return open.empty() ? "" : "<" + open.back() + ">";
}

void check_page(const std::string& page, std::size_t plots) {
    EXPECT_EQ(badly_formed(page), "");
    // Nothing is fetched from anywhere, and nothing runs.
    for (const auto* never :
         {"http", "url(", "@import", "<script", "src=", ">nan", " nan", ">inf"}) {
        EXPECT_EQ(page.find(never), page.npos) << never;
    }
    EXPECT_NE(page.find("prefers-color-scheme: dark"), page.npos);
    // Each plot says what it is, also to whom cannot see it.
    static const std::regex titled(
        "<svg viewBox=\"[0-9 ]+\" role=\"img\" aria-labelledby=\"([a-z-]+)-t ([a-z-]+)-d\">\n"
        "<title id=\"([a-z-]+)-t\">[^<]+</title>\n<desc id=\"([a-z-]+)-d\">[^<]+</desc>");
    std::set<std::string> ids;
    for (std::sregex_iterator at(page.begin(), page.end(), titled), end; at != end; ++at) {
        ids.insert((*at)[1]);
        EXPECT_EQ((*at)[1], (*at)[3]);
        EXPECT_EQ((*at)[2], (*at)[4]);
    }
    EXPECT_EQ(ids.size(), plots);
}

TEST(Report, IsOneWellFormedPageThatNeedsNothingElse) {
    const auto page = html_of(some_plan());
    check_page(page, 5);
    EXPECT_THAT(page, HasSubstr("Capacity plan: a &lt;b&gt; &amp; &quot;c&quot;"));
    EXPECT_THAT(page, HasSubstr(" at "));
    EXPECT_THAT(page, HasSubstr("<path class=\"knee\""));
    for (const auto& each : figures()) EXPECT_THAT(page, HasSubstr(each.key));
}

TEST(Report, ComparesTwoPlansSideBySide) {
    const auto page = html_of(some_plan(), some_plan(80'000, "large"));
    check_page(page, 10);
    EXPECT_THAT(page, HasSubstr(" already</text>"));
}

TEST(Report, ShowsWhatWasSimulatedAsSuch) {
    const auto simulated = read_simulation(
        R"({"format":1,"tenants":1000,"freshness":[{"hour":3,"p50_s":43000,"p99_s":85000,"max_s":86000}],
            "calls":[{"hour":3,"address":0,"calls":40},{"hour":3,"address":1,"calls":2}],
            "on_demand":{"p50_s":0.1,"p99_s":2.5},"tenant_days_per_core_second":1200})");
    ASSERT_TRUE(simulated) << simulated.error().detail;
    EXPECT_EQ(simulated->calls[3], 42);
    auto p = some_plan();
    EXPECT_THAT(html_of(p), Not(HasSubstr("simulated</li>")));
    p.simulated = *simulated;
    check_page(html_of(p), 5);
    EXPECT_THAT(html_of(p), HasSubstr("99 % of tenants, simulated</li>"));
    EXPECT_THAT(text_of(p, false), HasSubstr("simulated by fleet-sim"));
    EXPECT_FALSE(read_simulation("[]"));
    EXPECT_FALSE(read_simulation(
        R"({"format":1,"tenants":1000,"freshness":[{"hour":24,"p50_s":1,"p99_s":1,"max_s":1}]})"));
}

TEST(PlanText, SaysWhereItsFiguresComeFrom) {
    const auto p = some_plan();
    EXPECT_THAT(text_of(p, false), HasSubstr("shipped profile"));
    EXPECT_THAT(text_of(p, false), Not(HasSubstr("calls.supply_day =")));
    const auto explained = text_of(p, true);
    for (const auto& each : figures()) {
        EXPECT_THAT(explained, HasSubstr(std::string(each.key) + " = "));
    }
    for (std::size_t at = 0, end = 0; end != explained.npos; at = end + 1) {
        end = explained.find('\n', at);
        EXPECT_LE((end == explained.npos ? explained.size() : end) - at, 200u);
    }
}

TEST(PlanJson, HasEveryFigureWithItsFormulaAndItsInputs) {
    const auto root = boost::json::parse(json_of(some_plan())).as_object();
    for (const auto& each : figures()) {
        const auto& one = root.at("figures").at(each.key).as_object();
        EXPECT_EQ(one.at("unit").as_string(), each.unit);
        EXPECT_FALSE(one.at("formula").as_string().empty());
        EXPECT_FALSE(one.at("inputs").as_array().empty());
        EXPECT_TRUE(one.contains("likely"));
    }
    EXPECT_EQ(root.at("day").as_array().size(), hours_of_day);
    EXPECT_EQ(root.at("fleet").at("webhooks").at("share").as_double(), 0.5);
    EXPECT_TRUE(root.at("profile_is_shipped").as_bool());
    // An overbooked fleet never recovers: null, as JSON has no infinity.
    const auto over = boost::json::parse(json_of(some_plan(80'000))).as_object();
    EXPECT_TRUE(over.at("figures").at("calls.recovery_s").at("likely").is_null());
}

TEST(Figures, NameOnlyInputsThatThereAre) {
    std::set<std::string, std::less<>> known{"size", "changes", "day.shape"};
    for (const auto& each : fleet_keys()) {
        known.insert(each.table.empty() ? std::string(each.name)
                                        : std::string(each.table) + "." + std::string(each.name));
    }
    for (const auto& each : machine_figures()) known.emplace(each.name);
    for (const auto& each : figures()) known.emplace(each.key);
    for (const auto* setting : {"storage.wal_checkpoint_bytes", "storage.wal_truncate_bytes"}) {
        known.emplace(setting); // of rollcalld.toml
    }
    for (const auto& each : figures()) {
        std::istringstream words{std::string(each.inputs)};
        for (std::string word; words >> word;) {
            EXPECT_TRUE(known.contains(word)) << each.key << " names " << word;
        }
    }
}

TEST(Shown, HasThreeDigitsAndTheUnitThatSuits) {
    EXPECT_EQ(shown(0.0024, "s"), "2.4 ms");
    EXPECT_EQ(shown(86'400, "s"), "24 h");
    EXPECT_EQ(shown(1'536, "bytes"), "1,536 B");
    EXPECT_EQ(shown(3.5 * 1024 * 1024, "bytes"), "3.5 MiB");
    EXPECT_EQ(shown(0.123, "share"), "12.3 %");
    EXPECT_EQ(shown(1'234'567, "people"), "1,234,567");
    EXPECT_EQ(shown(std::numeric_limits<double>::infinity(), "s"), "never");
    EXPECT_EQ(shown(range{1, 2, 3}, "s"), "2 s (1 to 3)");
    EXPECT_EQ(shown(range{0.5, 2, 3}, "s"), "2 s (500 ms to 3 s)");
    EXPECT_EQ(shown(exactly(2), "s"), "2 s");
}

TEST(Chart, EscapesWhatItIsGiven) {
    EXPECT_EQ(xml_escaped("a<b>&\"\x01"), "a&lt;b&gt;&amp;&quot;");
}

} // namespace
} // namespace rollcall::capacity
