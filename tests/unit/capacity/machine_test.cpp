#include "rollcall/capacity/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::capacity {
namespace {

using ::testing::HasSubstr;

TEST(MachineProfile, IsTheSameAfterItWasWrittenAndRead) {
    const auto& shipped = shipped_machine();
    EXPECT_EQ(shipped.name, "shipped");
    EXPECT_FALSE(shipped.cpu.empty());
    const auto again = read_machine(to_json(shipped));
    ASSERT_TRUE(again) << again.error().detail;
    for (const auto& each : machine_figures()) {
        EXPECT_EQ((*again).*each.value, shipped.*each.value) << each.name;
    }
    EXPECT_EQ(to_json(*again), to_json(shipped));
}

TEST(MachineProfile, SaysWhatIsWrongWithIt) {
    const auto good = to_json(shipped_machine());
    const auto without = [&](std::string_view what, std::string_view with) {
        auto text = good;
        text.replace(text.find(what), what.size(), with);
        const auto read = read_machine(text);
        return read ? std::string("nothing") : read.error().detail;
    };
    EXPECT_THAT(without("\"version\": 1", "\"version\": 2"), HasSubstr("version 1"));
    EXPECT_THAT(without("\"call_us\"", "\"cull_us\""), HasSubstr("call_us is missing"));
    EXPECT_THAT(without("\"cores\"", "\"cars\""), HasSubstr("cores"));
    EXPECT_THAT(without("\"min\": ", "\"min\": -"), HasSubstr("in this order"));
    EXPECT_THAT(without("{", "["), HasSubstr("no JSON"));
}

} // namespace
} // namespace rollcall::capacity
