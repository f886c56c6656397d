// The daemon: makes every object of the program, starts and stops them in order, and heeds signals.
// It decides nothing else.
//
//   SIGTERM, SIGINT   drain: no new run; those in progress get stop_grace_seconds. The second ends
//   at once. SIGHUP            read the configuration again, take what may change, open the log
//   file anew
#pragma once
#include <string>

#include "rollcall/app/config.hpp"

namespace rollcall::app {

// Runs until a signal ends it or the storage fails, and gives the exit code of the process
// (process.hpp). What keeps it from starting is said on stderr with what to do about it.
// `config_path` is what SIGHUP reads; empty: there is no file. Call it once, from main, before any
// thread is started.
[[nodiscard]] int run_daemon(config chosen, std::string config_path);

} // namespace rollcall::app
