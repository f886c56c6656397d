// Each scenario is a test of its own: Scenario/FILE.RULES name.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <exception>

#include "scenario.hpp"
#include "toml_reader.hpp"

namespace {

using rollcall::test::scenario;

class scenario_test : public testing::Test {
  public:
    explicit scenario_test(scenario of) : of_(std::move(of)) {}
    void TestBody() override {
        try {
            rollcall::test::play(of_);
        } catch (const rollcall::test::scenario_error& e) {
            ADD_FAILURE() << e.what();
        }
    }

  private:
    scenario of_;
};

// What a test name may consist of.
std::string word_of(std::string_view text) {
    std::string out;
    bool begin = true;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
            begin = true;
            continue;
        }
        out += begin ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        begin = false;
    }
    return out;
}

void add(const scenario& each) {
    auto file = each.path.substr(each.path.rfind('/') + 1);
    file = "Scenario_" + word_of(file.substr(0, file.rfind('.')));
    std::string name;
    for (const auto& rule : each.rules) name += word_of(rule) + "_";
    name += word_of(each.name);
    testing::RegisterTest(file.c_str(), name.c_str(), nullptr, nullptr, each.path.c_str(), 1,
                          [each]() -> testing::Test* { return new scenario_test(each); });
}

} // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    try {
        const std::string folder = argc > 1 ? argv[1] : "scenarios";
        for (const auto& each : rollcall::test::load_scenarios(folder)) add(each);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
    return RUN_ALL_TESTS();
}
