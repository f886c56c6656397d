// The verbs of a tenant's webhook (LA-1, LA-47).
#include "command_line.hpp"

namespace rollcall::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string view =
    R"({"tokens":[{"since":"2026-11-21T09:00:00.000Z","until":null},
                  {"since":"2026-10-01T09:00:00.000Z","until":"2026-11-24T09:00:00.000Z"}],
        "events":212,"last_event":"2026-11-22T02:31:07.500Z","waiting":3,
        "week":{"announced":52,"lost":9},"probably_not_subscribed":["New Starter Added"],
        "wanted_interval_seconds":21600,"listening":true)";

struct WebhookVerbs : CommandLine {};

TEST_F(WebhookVerbs, La1TheAddressIsAloneOnTheOutputAndWhatToDoWithItBesideIt) {
    answers(201, view + R"(,"path":"/h/abc","url":"https://hooks.example.com/h/abc"})");
    EXPECT_EQ(run({"tenant", "webhook", "rotate", "acme", "--overlap", "5"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "https://hooks.example.com/h/abc\n");
    EXPECT_THAT(err_.str(), AllOf(HasSubstr("shown once"), HasSubstr("2026-11-24")));
    EXPECT_THAT(daemon_.asked, ElementsAre("POST /v1/tenants/acme/webhook/rotate"));
    EXPECT_EQ(daemon_.bodies[0], R"({"overlap_hours":5})");
}

TEST_F(WebhookVerbs, SaysThatNobodyListensAndThatOnlyThePathIsKnown) {
    answers(201, R"({"tokens":[{"since":"2026-11-21T09:00:00.000Z","until":null}],
                     "listening":false,"path":"/h/abc","url":null})");
    EXPECT_EQ(run({"tenant", "webhook", "rotate", "acme"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "/h/abc\n");
    EXPECT_THAT(err_.str(), AllOf(HasSubstr("hooks.public_url"), HasSubstr("hooks.listen")));
    EXPECT_EQ(daemon_.bodies[0], R"({"overlap_hours":72})");
}

TEST_F(WebhookVerbs, La47ShowsWhatIsLostAndWhichSubscriptionIsMissing) {
    answers(200, view + "}");
    EXPECT_EQ(run({"tenant", "webhook", "show", "acme"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("active since 2026-11-21 09:00:00Z"));
    EXPECT_THAT(out_.str(), HasSubstr("good until 2026-11-24 09:00:00Z"));
    EXPECT_THAT(out_.str(), HasSubstr("61, 52 of them announced, 14.8 % lost"));
    EXPECT_THAT(out_.str(), HasSubstr("\"New Starter Added\""));
    EXPECT_THAT(out_.str(), HasSubstr("every 6 h"));
    EXPECT_THAT(out_.str(), HasSubstr("people still to be read    3"));
    EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(WebhookVerbs, ShowsThatThereIsNone) {
    answers(200, R"({"tokens":[],"listening":true})");
    EXPECT_EQ(run({"tenant", "webhook", "show", "acme"}), exit_code::ok);
    EXPECT_THAT(out_.str(), AllOf(HasSubstr("none"), HasSubstr("webhook rotate")));
}

TEST_F(WebhookVerbs, RemovesOnlyAfterAYes) {
    EXPECT_NE(run({"tenant", "webhook", "remove", "acme"}), exit_code::ok);
    EXPECT_THAT(daemon_.asked, IsEmpty());
    answers(200, R"({"tokens":[],"listening":true})");
    EXPECT_EQ(run({"tenant", "webhook", "remove", "acme", "--yes"}), exit_code::ok);
    EXPECT_THAT(daemon_.asked, ElementsAre("DELETE /v1/tenants/acme/webhook"));
}

TEST_F(WebhookVerbs, AnUnreasonableOverlapIsRefusedHere) {
    EXPECT_EQ(run({"tenant", "webhook", "rotate", "acme", "--overlap", "-1"}), exit_code::usage);
    EXPECT_EQ(run({"tenant", "webhook", "rotate", "acme", "--overlap", "99999"}), exit_code::usage);
    EXPECT_THAT(daemon_.asked, IsEmpty());
}

} // namespace
} // namespace rollcall::cli
