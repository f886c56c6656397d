// What those who watch are told over the control socket.
#include <gmock/gmock.h>

#include "fleet_fixture.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class LiveRoutes : public fleet_fixture {
  protected:
    http::response open(std::map<std::string, std::string> query, std::string last_id = {}) {
        http::request what;
        what.method = "GET";
        what.path = "/v1/events";
        what.query = std::move(query);
        what.last_event_id = std::move(last_id);
        return world_.run(routes_.dispatch(std::move(what)));
    }
    std::string next(const http::response& from) { return world_.run(from.next()); }
    static std::string last_id_in(const std::string& text) {
        const auto begin = text.rfind("id: ") + 4;
        return text.substr(begin, text.find('\n', begin) - begin);
    }
    static std::size_t count(const std::string& in, const std::string& what) {
        std::size_t n = 0;
        for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++n;
        return n;
    }
};

TEST_F(LiveRoutes, GivesWhatIsKeptAndEnds) {
    add_loaded_tenant("acme");
    const auto all = ask("GET", "/v1/events");
    EXPECT_EQ(all.status, 200u);
    EXPECT_THAT(all.text, HasSubstr("event: tenant.added\ndata: {\"id\":\""));
    EXPECT_THAT(all.text, HasSubstr("event: run.finished\n"));
    EXPECT_EQ(count(all.text, "\ndata: "), count(all.text, "\nevent: "));
    EXPECT_TRUE(all.text.ends_with("\n\n"));
}

TEST_F(LiveRoutes, FollowsFromNowOnAndBeatsWhileNothingHappens) {
    add_loaded_tenant("acme");
    const auto stream = open({{"follow", "1"}});
    EXPECT_EQ(stream.content_type, "text/event-stream");
    EXPECT_THAT(next(stream), StartsWith(": following\nid: "));
    const auto before = world_.home().now();
    EXPECT_THAT(next(stream), StartsWith(": \nid: "));
    EXPECT_EQ(world_.home().now() - before, seconds{15});
    add_loaded_tenant("bolt");
    const auto told = next(stream);
    EXPECT_THAT(told, HasSubstr("\"tenant\":\"bolt\""));
    EXPECT_THAT(told, Not(HasSubstr("acme")));
}

TEST_F(LiveRoutes, GoesOnWhereTheReaderWas) {
    add_loaded_tenant("acme");
    const auto stream = open({{"follow", "1"}});
    const auto place = last_id_in(next(stream));
    add_loaded_tenant("bolt");
    const auto again = open({{"follow", "1"}}, place);
    const auto told = next(again);
    EXPECT_THAT(told, HasSubstr("event: tenant.added"));
    EXPECT_THAT(told, Not(HasSubstr("missed")));
    const auto by_parameter = ask("GET", "/v1/events?after=" + place);
    EXPECT_EQ(count(by_parameter.text, "tenant.added"), count(told, "tenant.added"));
}

TEST_F(LiveRoutes, TellsAReaderOfAnotherProcessThatItMissedSomething) {
    add_loaded_tenant("acme");
    for (const auto* other : {"17-4", "nonsense"}) {
        const auto told = next(open({{"follow", "1"}}, other));
        EXPECT_THAT(told, HasSubstr("event: missed\ndata: {\"count\":null,\"restarted\":true"));
        EXPECT_THAT(told, HasSubstr("event: fleet.started")) << "and then all since the start";
    }
}

TEST_F(LiveRoutes, ASlowReaderLearnsHowManyItMissedAndHoldsNoMemory) {
    add_loaded_tenant("acme");
    const auto stream = open({{"follow", "1"}, {"kind", "tenant.changed"}});
    (void)next(stream);
    // More than the feed keeps.
    for (int i = 0; i < 4200; ++i) {
        const auto done = ask("PATCH", "/v1/tenants/acme",
                              R"({"settings":{"company":")" + std::to_string(i % 2) + R"("}})");
        ASSERT_EQ(done.status, 200u) << done.text;
    }
    EXPECT_EQ(fleet_.events().size(), 4096u);
    const auto told = next(stream);
    EXPECT_THAT(told, HasSubstr("event: missed\ndata: {\"count\":"));
    EXPECT_LT(told.size(), 64u << 10) << "a chunk has a bounded number of events";
    EXPECT_EQ(count(told, "event: missed"), 1u);
    EXPECT_THAT(next(stream), Not(HasSubstr("event: missed"))) << "said once";
}

TEST_F(LiveRoutes, GivesOnlyWhatWasAskedFor) {
    add_loaded_tenant("acme");
    add_loaded_tenant("bolt");
    const auto acme = ask("GET", "/v1/events?tenant=acme");
    EXPECT_THAT(acme.text, HasSubstr("acme"));
    EXPECT_THAT(acme.text, Not(HasSubstr("bolt")));
    EXPECT_THAT(acme.text, Not(HasSubstr("fleet.started")));
    const auto kinds = ask("GET", "/v1/events?kind=tenant.added,run.started");
    EXPECT_EQ(count(kinds.text, "event: tenant.added"), 2u);
    EXPECT_THAT(kinds.text, Not(HasSubstr("run.finished")));
}

TEST_F(LiveRoutes, RefuseWhatTheyDoNotKnow) {
    const auto wrong = ask("GET", "/v1/events?kind=run.begun");
    EXPECT_EQ(wrong.status, 400u);
    EXPECT_THAT(wrong.text, HasSubstr("run.started"));
    EXPECT_EQ(ask("GET", "/v1/events?follow=2").status, 400u);
    EXPECT_EQ(ask("GET", "/v1/events?after=yesterday").status, 400u);
    EXPECT_EQ(ask("GET", "/v1/events?tennant=x").status, 400u);
    EXPECT_EQ(ask("GET", "/v1/events?tenant=nobody").status, 404u);
    EXPECT_EQ(ask("GET", "/v1/top?rows=0").status, 400u);
    EXPECT_EQ(ask("GET", "/v1/top?interval=61").status, 400u);
}

TEST_F(LiveRoutes, OnlySoManyWatchAtOnceAndAPlaceComesBack) {
    std::vector<http::response> streams;
    for (int i = 0; i < 16; ++i) streams.push_back(open({{"follow", "1"}}));
    EXPECT_EQ(open({{"follow", "1"}}).status, 503u);
    EXPECT_EQ(ask("GET", "/v1/top").status, 200u) << "one picture is no stream";
    streams.pop_back();
    EXPECT_EQ(open({{"follow", "1"}}).status, 200u);
}

TEST_F(LiveRoutes, StreamsEndWithTheFleet) {
    const auto stream = open({{"follow", "1"}});
    (void)next(stream);
    http::request what;
    what.method = "GET";
    what.path = "/v1/top";
    what.query["interval"] = "2";
    const auto pictures = world_.run(routes_.dispatch(std::move(what)));
    EXPECT_THAT(next(pictures), StartsWith("{"));
    world_.run(fleet_.stop(nanoseconds{0}));
    EXPECT_THAT(next(stream), HasSubstr("event: fleet.draining"));
    EXPECT_EQ(next(stream), "");
    EXPECT_EQ(next(pictures), "");
}

TEST_F(LiveRoutes, ThePictureIsOneDocumentAndComesAgainAtItsInterval) {
    hire(0, 3);
    add_loaded_tenant("acme");
    const auto top = ask("GET", "/v1/top?rows=5");
    ASSERT_EQ(top.status, 200u);
    EXPECT_EQ(top.body.at("tenants").at("total").to_number<int>(), 1);
    EXPECT_EQ(top.body.at("last_minute").at("rows").to_number<int>() % 3, 0);
    EXPECT_EQ(top.body.at("queues").as_array()[0].at("name").as_string(), "request");
    EXPECT_EQ(top.body.at("addresses").as_array().size(), 1u);
    EXPECT_EQ(top.body.at("stalest").as_array()[0].at("tenant").as_string(), "acme");
    EXPECT_TRUE(top.body.at("freshness").at("p50_seconds").is_number());
    EXPECT_TRUE(top.body.at("freshness").at("histogram").is_array());

    http::request what;
    what.method = "GET";
    what.path = "/v1/top";
    what.query["interval"] = "2";
    const auto pictures = world_.run(routes_.dispatch(std::move(what)));
    (void)next(pictures);
    const auto before = world_.home().now();
    const auto second = next(pictures);
    EXPECT_EQ(world_.home().now() - before, seconds{2});
    EXPECT_TRUE(second.ends_with("}\n"));
}

TEST_F(LiveRoutes, FreshnessIsInStatusAndOfATenant) {
    add_loaded_tenant("acme");
    const auto status = ask("GET", "/v1/status");
    EXPECT_EQ(status.body.at("freshness").at("tenants").to_number<int>(), 1);
    EXPECT_EQ(status.body.at("freshness").at("late").to_number<int>(), 0);
    const auto shown = ask("GET", "/v1/tenants/acme");
    EXPECT_TRUE(shown.body.at("truth_age_seconds").is_number());
    EXPECT_TRUE(shown.body.at("last_change_lag").is_null());
}

TEST_F(LiveRoutes, NeverNameAPerson) {
    hire(0, 40);
    add_loaded_tenant("acme");
    leave(0, 20);
    (void)sync_now("acme");
    const auto told = ask("GET", "/v1/events").text + ask("GET", "/v1/top").text;
    EXPECT_THAT(told, HasSubstr("hold.changed"));
    for (const auto* personal : {"PW1", "First1", "Last1", "example.com", "Engineer", "Sales"}) {
        EXPECT_THAT(told, Not(HasSubstr(personal)));
    }
}

} // namespace
} // namespace rollcall::edge
