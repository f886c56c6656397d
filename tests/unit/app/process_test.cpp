#include "rollcall/app/process.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

namespace rollcall::app {
namespace {

// A service manager's end of the notification, under an abstract name of this process.
class supervisor {
  public:
    supervisor() : name_("@rollcall-process-test-" + std::to_string(::getpid())) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name_.data(), name_.size());
        address.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
        bound_ = ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), length) == 0;
    }
    ~supervisor() { ::close(descriptor_); }
    supervisor(const supervisor&) = delete;
    supervisor& operator=(const supervisor&) = delete;

    [[nodiscard]] bool bound() const { return bound_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    // What has come, without waiting.
    [[nodiscard]] std::string received() const {
        std::array<char, 256> text{};
        const auto size = ::recv(descriptor_, text.data(), text.size(), MSG_DONTWAIT);
        return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
    }

  private:
    int descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    std::string name_;
    bool bound_ = false;
};

TEST(NotifySupervisor, SendsOneDatagramToTheNamedSocket) {
    const supervisor manager;
    ASSERT_TRUE(manager.bound());
    EXPECT_TRUE(notify_supervisor(manager.name(), "READY=1"));
    EXPECT_EQ(manager.received(), "READY=1");
    EXPECT_EQ(manager.received(), "");
}

TEST(NotifySupervisor, TakesNoManagerForAnOrdinaryStart) {
    EXPECT_TRUE(notify_supervisor("", "READY=1"));
}

TEST(NotifySupervisor, SaysThatAManagerDidNotTakeIt) {
    EXPECT_FALSE(notify_supervisor("/nonexistent/notify", "READY=1"));
    EXPECT_FALSE(notify_supervisor(std::string(200, 'x'), "READY=1"));
}

TEST(GiveToGroup, NamesAGroupThatDoesNotExist) {
    const auto given = give_to_group("/nonexistent", "no-such-group-here");
    ASSERT_FALSE(given);
    EXPECT_NE(given.error().detail.find("there is no group no-such-group-here"), std::string::npos);
}

// In a child, because nothing of this can be taken back.
[[noreturn]] void prepare_and_exit() {
    const bool ready = prepare_process().has_value();
    rlimit core{1, 1};
    ::getrlimit(RLIMIT_CORE, &core);
    const bool dumpable = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
    const bool owner_only = ::umask(0) == 0077;
    ::_exit(ready && !dumpable && core.rlim_max == 0 && owner_only ? 0 : 1);
}

TEST(PrepareProcess, KeepsSecretsOutOfDumpsAndOtherHands) {
    EXPECT_EXIT(prepare_and_exit(), testing::ExitedWithCode(0), "");
}

} // namespace
} // namespace rollcall::app
