// What this machine can do: runs the program's own code, as a daemon would, for at most a minute.
//
// Figures of processor time are those of one thread and hardly feel other programs; commits are on
// the wall, because they wait for the disk. Nothing is sent anywhere.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "rollcall/capacity/machine.hpp"

namespace rollcall::measure {

struct measure_options {
    std::string data_dir; // whose disk is measured: a folder is made in it, and removed
    bool quick = false;   // within 10 s in place of 60
    std::function<void(std::string_view)> on_step; // told what begins
};

// Blocks. Fails where the folder cannot be made or written.
[[nodiscard]] outcome<capacity::machine> measure_machine(const measure_options& options);

} // namespace rollcall::measure
