// The verbs that plan a fleet: they need files and no daemon.
#include "command_line.hpp"

namespace rollcall::cli {
namespace {

using ::testing::HasSubstr;

class CapacityVerbs : public CommandLine {};

TEST_F(CapacityVerbs, PlansAFleetWithoutADaemon) {
    const auto fleet = file_with("name = \"small\"\ntenants = 20\n[size]\nmax = 2000\n");
    EXPECT_EQ(run({"capacity", "plan", fleet}), exit_code::ok) << err_.str() << out_.str();
    EXPECT_THAT(out_.str(), HasSubstr("small: 20 tenants"));
    EXPECT_THAT(out_.str(), HasSubstr("shipped profile"));
    EXPECT_TRUE(daemon_.asked.empty());
    EXPECT_EQ(run({"--json", "capacity", "plan", fleet}), exit_code::ok);
    EXPECT_EQ(boost::json::parse(out_.str()).at("fleet").at("tenants").as_double(), 20);
}

TEST_F(CapacityVerbs, SaysWithItsExitCodeThatSomethingIsNotMet) {
    const auto fleet = file_with("tenants = 200000\n");
    EXPECT_EQ(run({"capacity", "plan", fleet}), exit_code::failed);
    EXPECT_THAT(out_.str(), HasSubstr("not met: "));
}

TEST_F(CapacityVerbs, NamesWhatIsWrongWithAFile) {
    const auto fleet = file_with("tenants = 20\n[webhooks]\nloss = 3\n");
    EXPECT_EQ(run({"capacity", "plan", fleet}), exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr(fleet + ":3:8: webhooks.loss"));
    EXPECT_EQ(run({"capacity", "plan", "/nowhere/fleet.toml"}), exit_code::usage);
    EXPECT_THAT(err_.str(), HasSubstr("/nowhere/fleet.toml cannot be read: No such file"));
    EXPECT_EQ(run({"capacity", "plan", fleet, "--html", "/nowhere/x.html"}), exit_code::usage);
}

TEST_F(CapacityVerbs, PrintsAnExampleThatItCanPlan) {
    EXPECT_EQ(run({"capacity", "example"}), exit_code::ok);
    const auto fleet = file_with(out_.str());
    EXPECT_EQ(run({"capacity", "plan", fleet, "--compare", fleet}), exit_code::ok) << out_.str();
    EXPECT_THAT(out_.str(), HasSubstr("A: example"));
}

} // namespace
} // namespace rollcall::cli
