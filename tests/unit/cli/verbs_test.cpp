// The verbs of what a person decides and asks.
#include "command_line.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* digest = "0123456789abcdef0123456789abcdef";

const std::string step =
    R"({"kind":"deactivate","uid":7,"id":"PW7","name":"Bob Ray","changes":[
        {"field":"state","old":"active","new":"inactive","rule":"LA-43","owner":"ours"}]})";
const std::string held = R"({"tenant":"acme","digest":")" + std::string(digest) +
                         R"(","run":3,"since":"2026-11-21T09:00:00.000Z","count":2,"sections":[
    {"guard":"deactivation","reason":"2 of 9 active people, G-5","count":1,"steps":[)" +
                         step + R"(]},
    {"guard":"email","reason":"11 e-mails, G-5","count":1,"steps":[]
}]
})";
const std::string plan =
    R"({"digest":")" + std::string(digest) +
    R"(","counts":{"deactivated":1,"created":0},"cannot":["the invitation of PW9"],
                            "steps":[)" +
    step + R"(],"would_hold":[],"issues":[]})";
const std::string no_plan = R"({"digest":null,"counts":{},"cannot":[],"steps":[],"would_hold":[]})";
const std::string done = R"({"id":12,"result":"applied","counts":{"dropped":0},"steps":[)" + step +
                         R"(],"changes":[],"issues":[]})";

class Verbs : public CommandLine {
  protected:
    json::value body(std::size_t index) const { return json::parse(daemon_.bodies.at(index)); }
    void say(const std::string& answer) {
        terminal_ = true;
        in_.clear();
        in_.str(answer + "\n");
    }
    const std::string not_found =
        R"({"type":"urn:rollcall:problem:not_found","detail":"No tenant is called \"acmee\""})";
    const std::string moved =
        R"({"type":"urn:rollcall:problem:held","detail":"what is held is something else"})";
};

TEST_F(Verbs, EveryOneOfThemPassesOnThatTheTenantIsUnknown) {
    const std::vector<std::vector<std::string>> verbs{
        {"hold", "show", "acmee"},
        {"hold", "approve", "acmee", digest},
        {"hold", "reject", "acmee", digest},
        {"conflict", "list", "acmee"},
        {"conflict", "resolve", "acmee", "email_taken", "PW1", "link"},
        {"conflict", "reopen", "acmee", "email_taken", "PW1"},
        {"user", "set", "acmee", "PW1", "job_title=x"},
        {"user", "add", "acmee", "email=a@b.c"},
        {"user", "delete", "acmee", "PW1", "--yes"},
        {"team", "list", "acmee"},
        {"team", "add", "acmee", "Sales"},
        {"team", "set", "acmee", "Sales", "name=Sale"},
        {"team", "delete", "acmee", "Sales", "--yes"},
        {"team", "member", "acmee", "Sales", "PW1"},
        {"invite", "list", "acmee"},
        {"invite", "send", "acmee", "PW1"},
        {"invite", "cancel", "acmee", "PW1"},
        {"invite", "confirm", "acmee", "PW1"},
        {"invite", "go-live", "acmee", "--yes"},
        {"explain", "acmee", "PW1"},
        {"forecast", "acmee"},
        {"what-if", "acmee", "--set", "known_as=true"},
        {"undo", "acmee", "3"},
        {"undo", "3"},
        {"diff", "acmee", "3"},
        {"audit", "show", "acmee"},
        {"audit", "verify", "acmee"},
        {"audit", "export", "acmee"},
        {"erase", "acmee", "PW1", "--yes"},
        {"tenant", "set", "acmee", "known_as=true"}};
    for (const auto& verb : verbs) {
        SCOPED_TRACE(verb.front() + " " + verb.at(1));
        answers(404, not_found);
        EXPECT_EQ(run(verb), exit_code::not_found) << err_.str();
        EXPECT_THAT(err_.str(), HasSubstr("No tenant is called"));
        EXPECT_EQ(out_.str(), "");
    }
}

TEST_F(Verbs, EveryOneOfThemPrintsTheAnswerAloneAsJson) {
    const std::vector<std::vector<std::string>> verbs{{"hold", "list"},
                                                      {"hold", "show", "acme"},
                                                      {"conflict", "list", "acme"},
                                                      {"team", "list", "acme"},
                                                      {"invite", "list", "acme"},
                                                      {"explain", "acme", "PW1"},
                                                      {"forecast", "acme"},
                                                      {"diff", "acme", "3"},
                                                      {"audit", "show", "acme"},
                                                      {"audit", "verify", "acme"},
                                                      {"user", "set", "acme", "PW1", "role=owner"}};
    for (const auto& verb : verbs) {
        SCOPED_TRACE(verb.front());
        auto arguments = verb;
        arguments.emplace_back("--json");
        answers(200, R"({"ok":true,"known":true})");
        EXPECT_EQ(run(arguments), exit_code::ok);
        EXPECT_EQ(out_.str(), "{\"ok\":true,\"known\":true}\n");
    }
}

// ---- holds ----

TEST_F(Verbs, ListsWhatWaitsAtEveryTenantWithItsReason) {
    answers(200, R"({"holds":[)" + held + "]}");
    EXPECT_EQ(run({"hold", "list"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("acme"));
    EXPECT_THAT(out_.str(), HasSubstr("2 of 9 active people, G-5"));
    answers(200, R"({"holds":[]})");
    EXPECT_EQ(run({"hold", "list"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "nothing waits for a decision\n");
}

TEST_F(Verbs, ListsTenantsWhoseLastReadIsNotBelieved) {
    answers(200, R"({"holds":[],"doubted":[{"tenant":"acme","rule":"G-2",
        "because":"half are missing","then":"Wait.","at":"2026-11-21T18:46:05Z"}]})");
    EXPECT_EQ(run({"hold", "list"}), exit_code::ok);
    EXPECT_EQ(out_.str(),
              "nothing waits for a decision\n"
              "the last read of acme, at 2026-11-21T18:46:05Z, is not believed and "
              "changed nothing (G-2): half are missing\n-> Wait.\n");
}

TEST_F(Verbs, SaysBeforeAForecastThatTheLastReadIsNotBelieved) {
    answers(200, R"({"entries":[{"day":"2026-11-21","what":"doubt","who":null,"name":null,
        "rule":"G-2","detail":"the last read is not believed: half are missing"}]})");
    EXPECT_EQ(run({"forecast", "acme"}), exit_code::ok);
    EXPECT_EQ(out_.str(),
              "the last read is not believed: half are missing\n"
              "rollcall hold show acme says what to do\n\n"
              "nothing is known to come within 30 days\n");
}

TEST_F(Verbs, ShowsAHoldWithItsStepsAndItsDigest) {
    answers(200, held.substr(0, held.size() - 1) +
                     R"(,"doubted":{"because":"half are missing","at":"2026-11-21T18:46:05Z"}})");
    EXPECT_EQ(run({"hold", "show", "acme"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("is not believed and changed nothing: half are missing"));
    EXPECT_THAT(out_.str(), HasSubstr("Bob Ray"));
    EXPECT_THAT(out_.str(), HasSubstr("state active -> inactive"));
    EXPECT_THAT(out_.str(), HasSubstr("LA-43"));
    EXPECT_THAT(out_.str(), HasSubstr(digest));
    EXPECT_EQ(daemon_.asked.front(), "GET /v1/tenants/acme/hold?full=1");
}

TEST_F(Verbs, ApprovesByTheDigestThatWasSeenWithoutAsking) {
    answers(200, held);
    answers(200, done);
    EXPECT_EQ(run({"hold", "approve", "acme", "01234567"}), exit_code::ok) << err_.str();
    EXPECT_EQ(daemon_.asked.back(), "POST /v1/tenants/acme/hold/approve");
    EXPECT_EQ(body(1).at("digest").as_string(), digest);
    EXPECT_THAT(out_.str(), HasSubstr("run 12: 1 step done"));
}

TEST_F(Verbs, ApprovesNothingByAnotherDigestThanThatOfWhatIsHeld) {
    for (const auto* wrong : {"fedcba98", "0123456", "x"}) {
        answers(200, held);
        EXPECT_EQ(run({"hold", "approve", "acme", wrong, "--yes"}), exit_code::refused) << wrong;
    }
    EXPECT_EQ(daemon_.asked.size(), 3u); // only looked
}

TEST_F(Verbs, AsksBeforeItDecidesAndTakesNoForAnAnswer) {
    answers(200, held);
    EXPECT_EQ(run({"hold", "approve", "acme"}), exit_code::usage); // no terminal, no digest, no yes
    EXPECT_THAT(out_.str(), HasSubstr("Bob Ray"));
    say("n");
    answers(200, held);
    EXPECT_EQ(run({"hold", "reject", "acme"}), exit_code::failed);
    EXPECT_EQ(daemon_.asked.size(), 2u);
    say("y");
    answers(200, held);
    answers(200, R"({"rejected":true})");
    EXPECT_EQ(run({"hold", "reject", "acme"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "POST /v1/tenants/acme/hold/reject");
}

TEST_F(Verbs, DecidesOnOneKindAndShowsOnlyThat) {
    answers(200, held);
    answers(200, done);
    EXPECT_EQ(run({"hold", "approve", "acme", "--kind", "email", "--yes"}), exit_code::ok);
    EXPECT_EQ(json::serialize(body(1).at("kinds")), R"(["email"])");
    EXPECT_THAT(out_.str(), Not(HasSubstr("2 of 9")));
    answers(200, held);
    EXPECT_EQ(run({"hold", "approve", "acme", "--kind", "team_removal", "--yes"}),
              exit_code::not_found);
}

TEST_F(Verbs, SaysThatWhatWasSeenHasMovedMeanwhile) {
    answers(200, held);
    answers(409, moved);
    EXPECT_EQ(run({"hold", "approve", "acme", digest}), exit_code::refused);
    EXPECT_THAT(err_.str(), HasSubstr("something else"));
    answers(200, R"({"tenant":"acme","digest":null,"sections":[]})");
    EXPECT_EQ(run({"hold", "approve", "acme", digest}), exit_code::not_found);
}

// ---- conflicts ----

TEST_F(Verbs, ListsConflictsWithTheirChoicesAndResolvesOne) {
    answers(200, R"({"conflicts":[{"kind":"email_taken","id":"PW9","other_id":"PW1","field":"email",
        "rule":"LA-10","choices":["link","ignore"],"decided":null}]})");
    EXPECT_EQ(run({"conflict", "list", "acme"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("link ignore"));
    answers(200, done);
    EXPECT_EQ(run({"conflict", "resolve", "acme", "email_taken", "PW9", "--as", "link"}),
              exit_code::ok);
    EXPECT_EQ(daemon_.bodies.back(), R"({"kind":"email_taken","id":"PW9","as":"link"})");
    EXPECT_EQ(run({"conflict", "resolve", "acme", "email_taken", "PW9"}), exit_code::usage);
    answers(200, R"({"reopened":true})");
    EXPECT_EQ(run({"conflict", "reopen", "acme", "email_taken", "PW9"}), exit_code::ok);
    EXPECT_EQ(daemon_.bodies.back(), R"({"kind":"email_taken","id":"PW9"})");
}

// ---- people and teams ----

TEST_F(Verbs, SetsFieldsOfAUserAndClearsWhereNoValueIs) {
    answers(200, done);
    EXPECT_EQ(run({"user", "set", "acme", "a@b.c", "job_title=Head of = signs", "location="}),
              exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "PATCH /v1/tenants/acme/users/a%40b.c");
    EXPECT_EQ(daemon_.bodies.back(),
              R"({"fields":{"job_title":"Head of = signs","location":null}})");
    EXPECT_EQ(run({"user", "set", "acme", "PW1", "job_title"}), exit_code::usage);
    EXPECT_EQ(run({"user", "set", "acme", "PW1"}), exit_code::usage);
    answers(200, R"({"id":0,"result":"unchanged","detail":null,"steps":[]})");
    EXPECT_EQ(run({"user", "set", "acme", "PW1", "role=owner"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "nothing changed\n");
}

TEST_F(Verbs, DeletesOrErasesNobodyWhoWasNotNamedToThePerson) {
    const std::string user = R"({"full_name":"Bob Ray","id":"PW7","state":"inactive"})";
    for (const auto* verb : {"delete", "erase"}) {
        std::vector<std::string> arguments{verb, "acme", "PW7"};
        if (verb == std::string("delete")) arguments.insert(arguments.begin(), "user");
        daemon_.asked.clear();
        say("n");
        answers(200, user);
        EXPECT_EQ(run(arguments), exit_code::failed);
        EXPECT_THAT(err_.str(), HasSubstr("Bob Ray (PW7), inactive"));
        EXPECT_THAT(daemon_.asked, ElementsAre("GET /v1/tenants/acme/users/PW7"));
        say("y");
        answers(200, user);
        answers(200, done);
        EXPECT_EQ(run(arguments), exit_code::ok);
    }
    EXPECT_EQ(daemon_.asked.back(), "POST /v1/tenants/acme/erase");
    EXPECT_EQ(daemon_.bodies.back(), R"({"person":"PW7","even_active":false})");
}

TEST_F(Verbs, ChangesTeamsByHand) {
    answers(200, R"({"teams":[{"id":1,"name":"Sales","department":"sales","owned":true,"members":4,
        "secondary_members":1,"parent":{"id":2,"name":"All"},"manager":null}]})");
    EXPECT_EQ(run({"team", "list", "acme"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("1  Sales  All     -              4          1  PeopleHR"));
    for (int i = 0; i < 5; ++i) answers(200, done);
    EXPECT_EQ(run({"team", "add", "acme", "Night shift", "--parent", "id:2"}), exit_code::ok);
    EXPECT_EQ(daemon_.bodies.back(), R"({"fields":{"name":"Night shift","parent":"id:2"}})");
    EXPECT_EQ(run({"team", "set", "acme", "Sales", "parent="}), exit_code::ok);
    EXPECT_EQ(daemon_.bodies.back(), R"({"fields":{"parent":null}})");
    EXPECT_EQ(run({"team", "member", "acme", "Night shift", "PW1"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "PUT /v1/tenants/acme/teams/Night%20shift/members/PW1");
    EXPECT_EQ(run({"team", "member", "acme", "Sales", "PW1", "--remove"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "DELETE /v1/tenants/acme/teams/Sales/members/PW1");
    EXPECT_EQ(run({"team", "delete", "acme", "Sales"}), exit_code::usage);
    EXPECT_EQ(run({"team", "delete", "acme", "Sales", "--yes"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "DELETE /v1/tenants/acme/teams/Sales");
}

// ---- invitations ----

TEST_F(Verbs, ShowsTheLedgerAndSendsToNamedPeople) {
    answers(200, R"({"invitations":[{"id":"PW1","name":"Ann","email":"a@b.c","state":"due",
        "due":"2026-11-21T09:00:00.000Z","sent":null,"held":true,"waits_for_live":false}]})");
    EXPECT_EQ(run({"invite", "list", "acme", "--state", "due"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "GET /v1/tenants/acme/invitations?state=due");
    EXPECT_THAT(out_.str(), HasSubstr("2026-11-21 09:00:00Z"));
    EXPECT_THAT(out_.str(), HasSubstr("held: rollcall hold show"));
    EXPECT_EQ(run({"invite", "list", "acme", "--state", "maybe"}), exit_code::usage);
    for (int i = 0; i < 3; ++i) answers(200, done);
    EXPECT_EQ(run({"invite", "send", "acme", "PW1", "b@b.c"}), exit_code::ok);
    EXPECT_EQ(daemon_.bodies.back(), R"({"people":["PW1","b@b.c"]})");
    EXPECT_EQ(run({"invite", "cancel", "acme", "PW1"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "POST /v1/tenants/acme/invitations/cancel");
    EXPECT_EQ(run({"invite", "confirm", "acme", "PW1"}), exit_code::ok);
    EXPECT_EQ(daemon_.bodies.back(), R"({"person":"PW1"})");
    EXPECT_EQ(run({"invite", "send", "acme"}), exit_code::usage);
}

TEST_F(Verbs, GoesLiveWithTheDigestOfWhatWasShown) {
    answers(200, plan);
    EXPECT_EQ(run({"invite", "go-live", "acme"}), exit_code::usage);
    say("y");
    answers(200, plan);
    answers(200, done);
    EXPECT_EQ(run({"invite", "go-live", "acme"}), exit_code::ok);
    EXPECT_THAT(err_.str(), HasSubstr("Invite 1 person now"));
    EXPECT_EQ(body(2).at("digest").as_string(), digest);
    answers(409, moved);
    EXPECT_EQ(run({"invite", "go-live", "acme", "--digest", "other"}), exit_code::refused);
    EXPECT_EQ(daemon_.asked.back(), "POST /v1/tenants/acme/go-live");
    answers(200, R"({"digest":"nothing-due","counts":{},"cannot":[],"steps":[],"would_hold":[]})");
    answers(200, done); // to let the others go is still to be said
    EXPECT_EQ(run({"invite", "go-live", "acme", "--yes"}), exit_code::ok);
    EXPECT_EQ(daemon_.bodies.back(), R"({"digest":"nothing-due"})");
}

// ---- plans ----

TEST_F(Verbs, ShowsWhatSettingsWouldChangeAndChangesNothing) {
    answers(200, plan);
    EXPECT_EQ(run({"what-if", "acme", "--set", "company=Acme Ltd", "--reset", "known-as"}),
              exit_code::ok)
        << err_.str();
    EXPECT_EQ(daemon_.bodies.back(), R"({"settings":{"company":"Acme Ltd","known_as":null}})");
    EXPECT_THAT(out_.str(), HasSubstr("1 step: 1 deactivated"));
    answers(200, no_plan);
    EXPECT_EQ(run({"what-if", "acme", "known_as=true"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "nothing would change\n");
    const auto calls = daemon_.asked.size();
    EXPECT_EQ(run({"what-if", "acme"}), exit_code::usage);
    EXPECT_EQ(run({"what-if", "acme", "--set", "compny=x"}), exit_code::usage);
    EXPECT_EQ(run({"what-if", "acme", "--reset", "compny"}), exit_code::usage);
    EXPECT_EQ(daemon_.asked.size(), calls);
}

TEST_F(Verbs, UndoesOnlyWhatItShowed) {
    answers(200, plan);
    EXPECT_EQ(run({"undo", "acme", "3"}), exit_code::usage);
    EXPECT_THAT(out_.str(), HasSubstr("note: the invitation of PW9"));
    say("y");
    answers(200, plan);
    answers(200, done);
    EXPECT_EQ(run({"undo", "acme", "3"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "POST /v1/tenants/acme/runs/3/undo");
    EXPECT_EQ(body(2).at("digest").as_string(), digest);
    answers(409, moved);
    EXPECT_EQ(run({"undo", "acme", "3", "--digest", "other"}), exit_code::refused);
    EXPECT_EQ(daemon_.bodies.back(), R"({"digest":"other"})");
    answers(200, no_plan);
    EXPECT_EQ(run({"undo", "acme", "3", "--yes"}), exit_code::ok);
    EXPECT_THAT(err_.str(), HasSubstr("nothing to undo"));
}

TEST_F(Verbs, FindsTheTenantOfARunByItsNumber) {
    answers(200, R"({"tenant":"acme","run":{"id":3}})");
    answers(200, plan);
    answers(200, done);
    EXPECT_EQ(run({"undo", "3", "--yes"}), exit_code::ok);
    EXPECT_THAT(daemon_.asked, ElementsAre("GET /v1/runs/3", "POST /v1/tenants/acme/runs/3/undo",
                                           "POST /v1/tenants/acme/runs/3/undo"));
    EXPECT_EQ(daemon_.bodies.at(1), "{}");
}

TEST_F(Verbs, ShowsARunAsBeforeAndAfterPerPerson) {
    answers(200, R"({"id":3,"cause":"sweep","result":"applied","started":"2026-11-21T09:00:00.000Z",
        "steps":[
        {"kind":"update","uid":7,"id":"PW7","name":"Bob Ray","changes":[
            {"field":"job_title","old":null,"new":"Engineer","rule":"LA-19"}]},
        {"kind":"set_manager","uid":7,"id":"PW7","name":"Bob Ray","changes":[
            {"field":"manager","old":"3","old_label":"Ann Lee","new":null,"rule":"LA-38"}]},
        {"kind":"create_team","team":7,"id":"Sales","changes":[
            {"field":"team_name","old":null,"new":"Sales","rule":"LA-28"}]}]})");
    EXPECT_EQ(run({"diff", "acme", "3"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("Bob Ray (PW7): update, set manager\n"
                                      "  job title  -        ->  Engineer  LA-19\n"
                                      "  manager    Ann Lee  ->  -         LA-38\n"));
    EXPECT_THAT(out_.str(), HasSubstr("team Sales: create team\n"));
}

TEST_F(Verbs, ShowsAPreviewWithItsSteps) {
    daemon_.lines = {R"({"ticket":1,"done":false,"state":"queued"})",
                     R"({"done":true,"run":{"id":0,"result":"previewed","counts":{"deactivated":1},
                         "steps":[)" +
                         step + "]}}"};
    EXPECT_EQ(run({"sync", "acme", "--preview"}), exit_code::ok);
    EXPECT_EQ(daemon_.bodies.at(0), R"({"wait":true,"preview":true})");
    EXPECT_THAT(out_.str(), HasSubstr("preview: 1 step would be done; 1 deactivated"));
    EXPECT_THAT(out_.str(), HasSubstr("Bob Ray"));
}

TEST_F(Verbs, ASyncThatTheCallLimitStoppedIsToBeTriedLater) {
    daemon_.lines = {R"({"done":true,"run":{"id":0,"result":"failed","code":"throttled"}})"};
    EXPECT_EQ(run({"sync", "acme", "--wait"}), exit_code::try_later);
    daemon_.lines = {R"({"done":true,"run":{"id":0,"result":"failed","code":"bad_response"}})"};
    EXPECT_EQ(run({"sync", "acme", "--wait"}), exit_code::failed);
}

// ---- settings ----

const std::string gated =
    R"({"type":"urn:rollcall:problem:held","detail":"look","plan":)" + plan + "}";

TEST_F(Verbs, ShowsWhatNewSettingsWouldChangeBeforeTheyAct) {
    answers(409, gated);
    EXPECT_EQ(run({"tenant", "set", "acme", "company=Acme"}), exit_code::usage);
    EXPECT_THAT(out_.str(), HasSubstr("Bob Ray"));
    EXPECT_EQ(daemon_.asked.size(), 1u);
    say("n");
    answers(409, gated);
    EXPECT_EQ(run({"tenant", "set", "acme", "company=Acme"}), exit_code::failed);
    say("y");
    answers(409, gated);
    answers(200, R"({"name":"acme","changes":{"company":["","Acme"]}})");
    EXPECT_EQ(run({"tenant", "set", "acme", "company=Acme"}), exit_code::ok);
    EXPECT_EQ(body(3).at("digest").as_string(), digest);
    EXPECT_THAT(out_.str(), HasSubstr("changed acme\n  company: \"\" -> \"Acme\"\n"));
    answers(409, gated);
    answers(409, gated); // it moved between the two
    EXPECT_EQ(run({"tenant", "set", "acme", "company=Acme", "--yes"}), exit_code::refused);
}

TEST_F(Verbs, SaysWhereSettingsWereSoAlready) {
    answers(200, R"({"name":"acme","changes":{}})");
    EXPECT_EQ(run({"tenant", "set", "acme", "--reset", "known_as"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "acme has these settings already; nothing was changed\n");
    EXPECT_EQ(run({"tenant", "set", "acme", "--reset", "foo"}), exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr("\"foo\" is not a setting"));
    EXPECT_EQ(daemon_.asked.size(), 1u);
}

TEST_F(Verbs, SaysThatAFileWithoutTenantsAppliesNothing) {
    EXPECT_EQ(run({"apply", file_with("[defaults]\nknown_as = true\n")}), exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr("names no tenant"));
    EXPECT_THAT(daemon_.asked, IsEmpty());
}

// ---- answers ----

TEST_F(Verbs, ExplainsAPersonSoThatNoManualIsNeeded) {
    answers(200, R"({"known":true,"in_source":true,"erased":false,"at":"2026-11-21T09:00:00.000Z",
        "snapshot_taken":"2026-11-21T03:00:00.000Z",
        "user":{"full_name":"Bob Ray","id":"PW7","email":"bob@acme.com","state":"active"},
        "values":[{"what":"job_title","source":"Engineer","rule":"LA-19","because":"HR's value wins",
            "decision":"set","value":"Engineer","owner":"ours","run":3,
            "since":"2026-11-20T03:00:00.000Z"}],
        "stopped":[{"what":"deactivate","rule":"G-5","because":"2 of 9 would go at once",
            "then":"rollcall hold show acme"}],
        "history":[{"number":5,"run":3,"cause":"sweep","at":"2026-11-20T03:00:00.000Z",
            "kind":"update","changes":[{"field":"job_title","old":"Coder","new":"Engineer",
            "rule":"LA-19"}]}]})");
    EXPECT_EQ(run({"explain", "acme", "PW7", "--at", "2026-11-21"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "GET /v1/tenants/acme/explain/PW7?at=2026-11-21");
    EXPECT_EQ(out_.str(),
              "Bob Ray (PW7), bob@acme.com\n"
              "active in acme, as of 2026-11-21 09:00:00Z\n"
              "is in PeopleHR when it was last read, 2026-11-21 03:00:00Z\n"
              "\n"
              "VALUE      PEOPLEHR SAYS  RULE   DECISION  IT IS     SET BY    SINCE\n"
              "job title  Engineer       LA-19  set       Engineer  the sync  run 3, 2026-11-20 "
              "03:00:00Z\n"
              "\n"
              "Why\n"
              "  LA-19: HR's value wins\n"
              "\n"
              "What did not happen, and why\n"
              "  deactivate (G-5): 2 of 9 would go at once\n"
              "    -> rollcall hold show acme\n"
              "\n"
              "History, newest first\n"
              "WHEN                  RUN  CAUSE  STEP    FIELD      BEFORE  AFTER     RULE\n"
              "2026-11-20 03:00:00Z    3  sweep  update  job title  Coder   Engineer  LA-19\n");
}

TEST_F(Verbs, SaysThatNobodyKnowsAPerson) {
    answers(200, R"({"known":false,"in_source":false,"erased":false,"user":null,"values":[],
        "stopped":[],"history":[],"snapshot_taken":null})");
    EXPECT_EQ(run({"explain", "acme", "nobody\u001b[2J"}), exit_code::not_found);
    EXPECT_THAT(out_.str(), HasSubstr("is no user of acme"));
    EXPECT_THAT(out_.str(), Not(HasSubstr("\u001b")));
}

TEST_F(Verbs, ForecastsByDay) {
    answers(200, R"({"days":7,"entries":[{"day":"2026-11-22","what":"seat_shortfall","who":"PW1",
        "name":"Ann","rule":"WT-6","detail":"no seat is free"}]})");
    EXPECT_EQ(run({"forecast", "acme", "--days", "7"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "GET /v1/tenants/acme/forecast?days=7");
    EXPECT_THAT(out_.str(), HasSubstr("2026-11-22  seat shortfall  PW1  Ann   WT-6"));
    EXPECT_EQ(run({"forecast", "acme", "--days", "0"}), exit_code::usage);
    answers(200, R"({"days":30,"entries":[]})");
    EXPECT_EQ(run({"forecast", "acme"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("nothing is known to come within 30 days"));
}

// ---- audit ----

TEST_F(Verbs, ShowsTheAuditOfAPersonAndWhatErasingLeft) {
    answers(200, R"({"uid":7})");
    answers(200, R"({"entries":[{"number":2,"run":3,"cause":"sweep","kind":"update","id":"PW7",
        "readable":true,"changes":[{"field":"email","old":"a","new":"b","rule":"LA-13"}]},
        {"number":1,"run":3,"cause":"sweep","kind":"create","readable":false,"changes":[]}]})");
    EXPECT_EQ(run({"audit", "show", "acme", "--user", "PW7", "--run", "3"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "GET /v1/tenants/acme/audit?limit=50&run=3&uid=7");
    EXPECT_THAT(out_.str(), HasSubstr("LA-13"));
    EXPECT_THAT(out_.str(), HasSubstr("(erased)"));
}

TEST_F(Verbs, VerifiesTheChainAndExitsOneWhereItIsBroken) {
    answers(200, R"({"ok":true,"entries":5,"head":"abc","broken":null})");
    EXPECT_EQ(run({"audit", "verify", "acme"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("the chain of 5 steps holds; its head is abc"));
    answers(200, R"({"ok":false,"entries":5,"head":"abc","broken":3,"detail":"hash differs"})");
    EXPECT_EQ(run({"audit", "verify", "acme"}), exit_code::failed);
    EXPECT_THAT(out_.str(), HasSubstr("BROKEN at entry 3: hash differs"));
}

TEST_F(Verbs, ExportsLinesAsTheyAreAndTellsAWholeExportFromACutOne) {
    daemon_.lines = {R"({"number":1})", R"({"entries":1,"head":"abc","done":true})"};
    EXPECT_EQ(run({"audit", "export", "acme"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "{\"number\":1}\n{\"entries\":1,\"head\":\"abc\",\"done\":true}\n");
    daemon_.lines = {R"({"number":1})"};
    EXPECT_EQ(run({"audit", "export", "acme"}), exit_code::try_later);
    daemon_.lines = {R"({"problem":{"code":"busy","detail":"full"},"done":true})"};
    EXPECT_EQ(run({"audit", "export", "acme"}), exit_code::try_later);
}

TEST_F(Verbs, CompletionKnowsThemAll) {
    EXPECT_EQ(run({"completion", "bash"}), exit_code::ok);
    for (const auto* words :
         {"\"hold\") words=\"list show approve reject", "\"conflict\") words=\"list resolve reopen",
          "\"invite\") words=\"list send cancel confirm go-live", "\"what-if\")", "\"undo\")",
          "\"audit\") words=\"show verify export", "\"erase\")",
          "\"team\") words=\"list add set"}) {
        EXPECT_THAT(out_.str(), HasSubstr(words));
    }
}

} // namespace
} // namespace rollcall::cli
