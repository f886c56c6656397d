// What the daemon asks of the operating system for itself, and what it tells its supervisor.
#pragma once
#include <string>
#include <string_view>

#include "rollcall/core/error.hpp"

namespace rollcall::app {

// Exit codes; 70 and 78 are those of sysexits.h.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed_to_start = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_storage_failed = 70; // acknowledges nothing any more: restart to recover
inline constexpr int exit_bad_configuration = 78;

// Makes the process keep its secrets: no core dump, no tracing by others of the same user, files
// for the owner only, libsodium ready. Raises the limit of open files to what is allowed. Before
// any thread is started and any secret read.
[[nodiscard]] outcome<void> prepare_process();

// Tells the service manager that started us, where one did (sd_notify(3)): "READY=1", "STOPPING=1",
// "STATUS=…", several separated by newlines. Nobody listening is not an error. `socket` is what
// $NOTIFY_SOCKET says: a path, or an abstract name after '@'. False if there was one and it took
// nothing.
bool notify_supervisor(std::string_view socket, std::string_view state) noexcept;
bool notify_supervisor(std::string_view state) noexcept;

// Gives the file to the group of that name.
[[nodiscard]] outcome<void> give_to_group(const std::string& path, const std::string& group);

} // namespace rollcall::app
