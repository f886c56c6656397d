// events and top, as far as they need no terminal.
#include "command_line.hpp"
#include "event_lines.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class LiveVerbs : public CommandLine {};

std::vector<std::string> read(event_reader& reader, std::vector<std::string>& got,
                              std::initializer_list<const char*> lines) {
    for (const auto* line : lines) reader.take(line);
    return std::exchange(got, {});
}

TEST(EventReader, PutsLinesTogetherAndRemembersItsPlace) {
    std::vector<std::string> got;
    event_reader reader([&](std::string_view data) { got.emplace_back(data); });
    EXPECT_THAT(read(reader, got, {": following", "id: 7-1", "retry: 1000", ""}), IsEmpty());
    EXPECT_EQ(reader.last_id(), "7-1");
    EXPECT_THAT(read(reader, got, {"id: 7-2", "event: throttled", "data: {}", ""}),
                ElementsAre("{}"));
    EXPECT_EQ(reader.last_id(), "7-2");
    EXPECT_THAT(read(reader, got, {"data:one\r", "data: two\r", "\r"}), ElementsAre("one\ntwo"));
}

TEST(EventReader, AnEventThatWasCutOffIsNotHad) {
    std::vector<std::string> got;
    event_reader reader([&](std::string_view data) { got.emplace_back(data); });
    (void)read(reader, got, {"id: 7-2", "data: {}", ""});
    EXPECT_THAT(read(reader, got, {"id: 7-3", "data: {\"half\":"}), IsEmpty());
    reader.cut();
    EXPECT_EQ(reader.last_id(), "7-2");
    EXPECT_THAT(read(reader, got, {"id: 8-1", "data: whole", ""}), ElementsAre("whole"));
}

TEST(EventLine, LeavesOutWhatSaysNothing) {
    const auto event = json::parse(
        R"({"id":"1-2","at":"2026-11-22T10:20:01.500Z","kind":"run.finished","tenant":"acme",
            "run":7,"code":"ok","rows":41,"created":0,"outcome":"applied"})");
    EXPECT_EQ(event_line(event.as_object()),
              "2026-11-22 10:20:01Z  run.finished    acme  run=7  rows=41  outcome=applied");
    const auto missed = json::parse(R"({"id":"1-2","kind":"missed","count":12,"restarted":false})");
    EXPECT_THAT(event_line(missed.as_object()), HasSubstr("12 events were missed"));
}

TEST_F(LiveVerbs, EventsAsksForWhatIsWantedAndPrintsALineForEach) {
    daemon_.lines = {
        ": all that is kept", "id: 1-2", "",
        R"(data: {"id":"1-3","at":"2026-11-22T10:20:01.500Z","kind":"throttled","tenant":"acme"})",
        ""};
    EXPECT_EQ(run({"events", "--tenant", "acme", "--kind", "throttled,run.started"}),
              exit_code::ok);
    EXPECT_THAT(daemon_.asked,
                ElementsAre("GET /v1/events?follow=0&tenant=acme&kind=throttled%2Crun.started"));
    EXPECT_EQ(out_.str(), "2026-11-22 10:20:01Z  throttled       acme\n");
    EXPECT_EQ(run({"events", "--json"}), exit_code::ok);
    EXPECT_EQ(json::parse(out_.str()).at("id").as_string(), "1-3");
}

TEST_F(LiveVerbs, FollowingEndsAtOnceWhereThereWasNeverADaemonOrATenant) {
    daemon_.answers.push_back(call_failure{exit_code::unreachable, "No daemon", {}});
    EXPECT_EQ(run({"events", "--follow"}), exit_code::unreachable);
    answers(404, R"({"type":"urn:rollcall:problem:not_found","detail":"no such tenant"})");
    EXPECT_EQ(run({"events", "--follow", "--tenant", "x"}), exit_code::not_found);
}

TEST_F(LiveVerbs, TopWithoutATerminalPrintsOnePicture) {
    answers(200,
            R"({"at":"2026-11-22T10:20:01.500Z","tenants":{"total":3,"by_state":{"waiting":3}}})");
    EXPECT_EQ(run({"top"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("tenants 3  3 waiting"));
    EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
    EXPECT_THAT(out_.str(), Not(HasSubstr("q quit")));
    answers(200, R"({"at":"x"})");
    EXPECT_EQ(run({"top", "--json"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "{\"at\":\"x\"}\n");
    EXPECT_EQ(run({"top", "--interval", "0"}), exit_code::usage);
}

TEST_F(LiveVerbs, StatusAndTenantTellHowFreshTheyAre) {
    answers(200, R"({"freshness":{"p50_seconds":7200.0,"p99_seconds":80000.0,"max_seconds":100000.0,
                     "late":2,"bound_seconds":95040.0}})");
    EXPECT_EQ(run({"status"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("freshness    p50 2.0 h, p99 22.2 h, max 27.8 h; 2 tenants "
                                      "older than 26.4 h"));
    answers(200, R"({"name":"acme","truth_age_seconds":7200.0,
                     "last_change_lag":{"at_most_seconds":50000.0,"exact":false}})");
    EXPECT_EQ(run({"tenant", "show", "acme"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("2.0 h ago"));
    EXPECT_THAT(out_.str(), HasSubstr("13.9 h after it was made, or sooner"));
}

} // namespace
} // namespace rollcall::cli
