#include "rollcall/app/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sodium.h>
#include <csignal>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace rollcall::app {
namespace {

failure system_failure(std::string_view what) {
    return {errc::bug, fmt::format("{}: {}", what, std::strerror(errno))};
}

} // namespace

outcome<void> prepare_process() {
    // Not dumpable also makes /proc/self/mem root's: another process of our user reads no key from
    // it.
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return system_failure("prctl(PR_SET_DUMPABLE)");
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0) return system_failure("setrlimit(RLIMIT_CORE)");
    ::umask(0077);
    // A file that may not grow is an error of the write, not the end of the process.
    ::signal(SIGXFSZ, SIG_IGN);

    // A limit that cannot be raised is the operator's business.
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    if (sodium_init() < 0) return failure{errc::bug, "libsodium cannot be initialised"};
    return {};
}

bool notify_supervisor(std::string_view socket, std::string_view state) noexcept {
    sockaddr_un address{};
    if (socket.empty() || socket.size() >= sizeof address.sun_path) return socket.empty();
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.data(), socket.size());
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0'; // the abstract name space
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket.size());

    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return false;
    const auto sent = ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&address), length);
    ::close(descriptor);
    return sent == static_cast<ssize_t>(state.size());
}

bool notify_supervisor(std::string_view state) noexcept {
    const char* socket = std::getenv("NOTIFY_SOCKET");
    return notify_supervisor(socket != nullptr ? socket : "", state);
}

outcome<void> give_to_group(const std::string& path, const std::string& group) {
    std::vector<char> room(16'384);
    ::group entry{};
    ::group* found = nullptr;
    if (::getgrnam_r(group.c_str(), &entry, room.data(), room.size(), &found) != 0 ||
        found == nullptr) {
        return failure{errc::invalid_argument, fmt::format("there is no group {}", group)};
    }
    if (::chown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0) {
        return failure{
            errc::invalid_argument,
            fmt::format("{} cannot be given to group {}: {}; the daemon's user must be a "
                        "member of it",
                        path, group, std::strerror(errno))};
    }
    return {};
}

} // namespace rollcall::app
