#include "command_line.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(CommandLine, ExitsTwoOnWrongArgumentsAndSaysWhatWasMeant) {
    EXPECT_EQ(run({}), exit_code::usage);
    EXPECT_EQ(run({"statsu"}), exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr("did you mean \"status\""));
    EXPECT_EQ(run({"tenant", "ad", "x"}), exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr("did you mean \"add\""));
    EXPECT_EQ(run({"tenant", "add", "acme"}), exit_code::usage); // no key file
    EXPECT_EQ(run({"status", "--nonsense"}), exit_code::usage);
    EXPECT_EQ(run({"user", "show", "acme"}), exit_code::usage);
    EXPECT_EQ(run({"user", "show", "acme", "PW1", "--email", "a@b.c"}), exit_code::usage);
    EXPECT_TRUE(daemon_.asked.empty());
}

TEST_F(CommandLine, HelpStatesTheExitCodes) {
    EXPECT_EQ(run({"--help"}), exit_code::ok);
    EXPECT_THAT(out_.str(), HasSubstr("3  the daemon cannot be reached"));
}

TEST_F(CommandLine, TurnsProblemsIntoExitCodes) {
    const std::vector<std::tuple<unsigned, std::string, exit_code>> rows{
        {404, "not_found", exit_code::not_found},    {409, "held", exit_code::refused},
        {409, "already_exists", exit_code::refused}, {422, "key_refused", exit_code::refused},
        {503, "busy", exit_code::try_later},         {503, "storage_full", exit_code::try_later},
        {400, "invalid_argument", exit_code::usage}, {500, "bug", exit_code::failed},
    };
    for (const auto& [status, code, wanted] : rows) {
        SCOPED_TRACE(code);
        answers(status, R"({"type":"urn:rollcall:problem:)" + code +
                            R"(","title":"T","status":1,"detail":"what to do"})");
        EXPECT_EQ(run({"tenant", "show", "acme"}), wanted);
        EXPECT_THAT(err_.str(), HasSubstr("what to do"));
        EXPECT_EQ(out_.str(), "");
    }
    daemon_.answers.push_back(call_failure{exit_code::unreachable, "No daemon", {}});
    EXPECT_EQ(run({"status"}), exit_code::unreachable);
}

TEST_F(CommandLine, TakesSocketAndJsonOnEveryVerb) {
    answers(200, R"({"name":"acme","state":"waiting"})");
    EXPECT_EQ(run({"tenant", "show", "acme", "--json", "--socket", "/tmp/s"}), exit_code::ok);
    EXPECT_EQ(socket_, "/tmp/s");
    EXPECT_EQ(out_.str(), "{\"name\":\"acme\",\"state\":\"waiting\"}\n");
}

TEST_F(CommandLine, AddsATenantWithTypedSettingsAndTheKeyFromStandardInput) {
    in_.str("  the-key\n");
    answers(201, R"({"name":"acme"})");
    EXPECT_EQ(run({"tenant", "add", "acme", "--api-key-file", "-", "--company", "Acme Ltd",
                   "--known-as", "true", "--missing-after", "4"}),
              exit_code::ok)
        << err_.str();
    const auto body = json::parse(daemon_.bodies.at(0));
    EXPECT_EQ(body.at("api_key").as_string(), "the-key");
    EXPECT_EQ(json::serialize(body.at("settings")),
              R"({"company":"Acme Ltd","known_as":true,"missing_after":4})");
    EXPECT_THAT(out_.str() + err_.str(), Not(HasSubstr("the-key")));
}

TEST_F(CommandLine, RefusesAWrongSettingBeforeItAsksTheDaemon) {
    EXPECT_EQ(run({"tenant", "set", "acme", "missing_after=99"}), exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr("1 to 30"));
    EXPECT_EQ(run({"tenant", "set", "acme", "compny=x"}), exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr("company"));
    EXPECT_EQ(run({"tenant", "set", "acme"}), exit_code::usage);
    EXPECT_TRUE(daemon_.asked.empty());
    EXPECT_EQ(run({"tenant", "set", "acme", "company=", "--reset", "known-as"}), exit_code::ok);
    EXPECT_EQ(json::serialize(json::parse(daemon_.bodies.at(0)).at("settings")),
              R"({"company":"","known_as":null})");
}

TEST_F(CommandLine, WarnsOfAKeyFileThatEveryoneCanRead) {
    const auto path = file_with("key\n");
    std::filesystem::permissions(path, std::filesystem::perms{0644});
    EXPECT_EQ(run({"tenant", "add", "acme", "--api-key-file", path}), exit_code::ok);
    EXPECT_THAT(err_.str(), HasSubstr("readable by everyone"));
    std::filesystem::permissions(path, std::filesystem::perms{0600});
    EXPECT_EQ(run({"tenant", "add", "acme", "--api-key-file", path}), exit_code::ok);
    EXPECT_THAT(err_.str(), Not(HasSubstr("readable by everyone")));
}

TEST_F(CommandLine, RemovesNothingWithoutAYes) {
    EXPECT_EQ(run({"tenant", "remove", "acme"}), exit_code::usage);
    terminal_ = true;
    in_.str("n\n");
    EXPECT_EQ(run({"tenant", "remove", "acme"}), exit_code::failed);
    EXPECT_TRUE(daemon_.asked.empty());
    EXPECT_EQ(run({"tenant", "remove", "acme", "--yes"}), exit_code::ok);
    EXPECT_THAT(daemon_.asked, ElementsAre("DELETE /v1/tenants/acme"));
}

TEST_F(CommandLine, WaitsForASyncAndAnswersWithItsResult) {
    const std::string start = R"({"ticket":1,"joined":false,"done":false,"state":"queued"})";
    const auto end = [](const std::string& result) {
        return R"({"done":true,"run":{"id":7,"result":")" + result +
               R"(","detail":"because","counts":{"rows":3,"created":2}}})";
    };
    daemon_.lines = {start, end("applied")};
    EXPECT_EQ(run({"sync", "acme", "--wait", "--user", "PW 1"}), exit_code::ok) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("run 7 applied: 3 read, 2 created"));
    EXPECT_EQ(daemon_.bodies.at(0), R"({"employee_id":"PW 1","wait":true})");
    daemon_.lines = {start, end("failed")};
    EXPECT_EQ(run({"sync", "acme", "--wait"}), exit_code::failed);
    daemon_.lines = {start, end("held")};
    EXPECT_EQ(run({"sync", "acme", "--wait"}), exit_code::refused);
    daemon_.lines = {start, R"({"done":true,"problem":{"code":"not_found","detail":"gone"}})"};
    EXPECT_EQ(run({"sync", "acme", "--wait"}), exit_code::not_found);
    daemon_.lines = {start};
    EXPECT_EQ(run({"sync", "acme", "--wait"}), exit_code::try_later);
}

TEST_F(CommandLine, ListsUsersPageByPageAndEscapesWhatTheyAreCalled) {
    const std::string user = R"({"id":"1","full_name":"Eve\u001b[31m","email":null})";
    answers(200, R"({"users":[)" + user + R"(],"next":"u1-1"})");
    answers(200, R"({"users":[)" + user + R"(],"next":null})");
    EXPECT_EQ(run({"user", "list", "a b"}), exit_code::ok);
    EXPECT_THAT(daemon_.asked, ElementsAre("GET /v1/tenants/a%20b/users?limit=500",
                                           "GET /v1/tenants/a%20b/users?limit=500&after=u1-1"));
    EXPECT_THAT(out_.str(), HasSubstr("Eve\\x1b[31m"));
    EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
}

TEST_F(CommandLine, PrintsOneJsonDocumentWhateverTheListHolds) {
    const std::string user = R"({"id":"1"})";
    answers(200, R"({"users":[)" + user + R"(],"next":"u1-1"})");
    answers(200, R"({"users":[)" + user + R"(],"next":null})");
    EXPECT_EQ(run({"user", "list", "acme", "--json"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "{\"users\":[{\"id\":\"1\"},{\"id\":\"1\"}]}\n");
    answers(200, R"({"users":[],"next":null})");
    EXPECT_EQ(run({"user", "list", "acme", "--json"}), exit_code::ok);
    EXPECT_EQ(out_.str(), "{\"users\":[]}\n");
    answers(404, R"({"type":"urn:rollcall:problem:not_found","detail":"no"})");
    EXPECT_EQ(run({"user", "list", "acme", "--json"}), exit_code::not_found);
    EXPECT_TRUE(json::parse(out_.str()).is_object());
}

TEST_F(CommandLine, FindsNoUserWithExitCodeFour) {
    answers(200, R"({"users":[],"next":null})");
    EXPECT_EQ(run({"user", "show", "acme", "--email", "x@y.z"}), exit_code::not_found);
    EXPECT_THAT(daemon_.asked, ElementsAre("GET /v1/tenants/acme/users?email=x%40y.z"));
}

TEST_F(CommandLine, ShowsAUserNowAndThenWithManagerTeamAndInvitation) {
    const std::string user =
        R"({"id":"PW1","job_title":"Lead","manager":{"uid":2,"id":"PW2","name":"Ann Lee"},
            "primary_team":{"id":1,"name":"Sales"},"attributes":{"cost_centre":"C7"},
            "invitation":{"state":"scheduled","due":"2026-12-01T00:00:00.000Z","sent":null},
            "ownership":{"job_title":"manual"},"fields":{"external_id":"PW1"}})";
    answers(200, R"({"users":[)" + user + "]}");
    EXPECT_EQ(run({"user", "show", "acme", "PW1"}), exit_code::ok);
    for (const auto* line :
         {"manager              Ann Lee (PW2)\n", "primary_team         Sales\n",
          "cost_centre          C7\n", "invitation           scheduled, 2026-12-01 00:00:00Z\n",
          "job_title            Lead (set by hand)\n", "  external_id        PW1\n"}) {
        EXPECT_THAT(out_.str(), HasSubstr(line));
    }
    answers(200, user);
    EXPECT_EQ(run({"user", "show", "acme", "PW1", "--at", "2026-11-01"}), exit_code::ok);
    EXPECT_EQ(daemon_.asked.back(), "GET /v1/tenants/acme/users/PW1?at=2026-11-01");
}

TEST_F(CommandLine, AppliesNothingOfAFileWithErrors) {
    EXPECT_EQ(run({"apply", file_with("[[tenant]]\nname = 1\nx = 2\n[[tenant]\n")}),
              exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr(":2:8: "));
    EXPECT_THAT(err_.str(), HasSubstr(":3:1: "));
    EXPECT_THAT(err_.str(), HasSubstr(":4:"));
    EXPECT_TRUE(daemon_.asked.empty());
    EXPECT_EQ(run({"apply", "/nowhere.toml"}), exit_code::usage);
}

TEST_F(CommandLine, ShowsTheDifferenceAndAsksBeforeItApplies) {
    const auto path = file_with("[[tenant]]\nname = \"acme\"\ncompany = \"B\"\n");
    const std::string plan = R"({"tenants":[
        {"name":"acme","action":"change","changes":{"company":["A","B"]},"api_key":"kept"},
        {"name":"old","action":"not_in_file"}]})";
    const std::string people =
        R"({"digest":"d","counts":{"deactivated":15},"cannot":[],"steps":[]})";
    answers(200, plan);
    answers(200, people);
    EXPECT_EQ(run({"apply", path}), exit_code::usage); // no terminal and no --yes
    EXPECT_THAT(out_.str(), HasSubstr("acme, of its people: 15 deactivated"));
    EXPECT_THAT(out_.str(), HasSubstr("~ acme\n    company: \"A\" -> \"B\"\n"));
    EXPECT_THAT(out_.str(), HasSubstr("0 to create, 1 to change, 0 unchanged, 1 not in the file"));
    EXPECT_EQ(daemon_.asked.size(), 2u);

    answers(200, plan);
    answers(200, people);
    answers(200, R"({"tenants":[{"name":"acme","action":"change","result":"failed",
        "problem":{"code":"storage_full","detail":"disk"}},{"name":"old","action":"not_in_file"}]})");
    answers(204, "");
    EXPECT_EQ(run({"apply", path, "--yes", "--prune"}), exit_code::try_later);
    EXPECT_THAT(err_.str(), HasSubstr("acme: disk"));
    EXPECT_EQ(daemon_.asked.back(), "DELETE /v1/tenants/old");
    EXPECT_EQ(daemon_.bodies.at(4).find("\"dry_run\":true"), std::string::npos);
}

TEST_F(CommandLine, CutsALargeFileIntoBatchesAndPrunesOnlyWhatNoneOfThemNames) {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "[[tenant]]\nname = \"t" + std::to_string(i) + "\"\n";
    answers(200, R"({"tenants":[{"name":"t1999","action":"not_in_file"},
                                {"name":"old","action":"not_in_file"}]})");
    EXPECT_EQ(run({"apply", file_with(text), "--dry-run", "--prune"}), exit_code::ok);
    EXPECT_GT(daemon_.asked.size(), 1u);
    for (const auto& body : daemon_.bodies) EXPECT_LT(body.size(), 500'100u);
    EXPECT_THAT(out_.str(), HasSubstr("- old\n"));
    EXPECT_THAT(out_.str(), Not(HasSubstr("t1999")));
}

TEST_F(CommandLine, DoctorExitsOneWhenSomethingIsWrong) {
    answers(200, R"({"ok":true,"findings":[]})");
    EXPECT_EQ(run({"doctor"}), exit_code::ok);
    answers(200, R"({"ok":false,"findings":["row 7 of users is corrupt"]})");
    EXPECT_EQ(run({"doctor"}), exit_code::failed);
    EXPECT_THAT(out_.str(), HasSubstr("- row 7"));
}

TEST_F(CommandLine, CompletionKnowsTheVerbsAndOptions) {
    for (const auto* shell : {"bash", "zsh", "fish"}) {
        EXPECT_EQ(run({"completion", shell}), exit_code::ok);
        EXPECT_THAT(out_.str(), HasSubstr("email-fallback"));
        EXPECT_THAT(out_.str(), HasSubstr("rollcall tenant list --names"));
    }
    EXPECT_EQ(run({"completion", "csh"}), exit_code::usage);
    EXPECT_TRUE(daemon_.asked.empty());
}

TEST(TextOutput, AlignsColumnsByWhatATerminalShows) {
    table lines({{"NAME"}, {"N", table::align::right}});
    lines.add_row({"Zoë", "1"});
    lines.add_row({"山田", "10"});
    lines.add_row({"a\nb", "2"});
    std::ostringstream out;
    lines.print(out);
    EXPECT_EQ(out.str(), "NAME   N\nZoë    1\n山田  10\na\\nb   2\n");
}

TEST(TextOutput, EscapesWhatWouldAct) {
    EXPECT_EQ(escaped("a\x1b[2J\x7f\u202e\xff"), "a\\x1b[2J\\x7f\\u{202e}\\xff");
    EXPECT_EQ(escaped("Ångström 山田"), "Ångström 山田");
}

TEST(TextOutput, WritesProgressAsLinesWhereNobodyWatches) {
    std::istringstream in;
    std::ostringstream out, err;
    terminal where{in, out, err, false, false, {}};
    progress bar(where);
    bar.show(0.1, "queued");
    bar.show(0.2, "queued");
    bar.show(std::nullopt, "running");
    bar.finish();
    EXPECT_EQ(err.str(), "queued\nrunning\n");
}

} // namespace
} // namespace rollcall::cli
