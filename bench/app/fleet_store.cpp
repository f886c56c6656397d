// Makes the database of a fleet for restart.py, and scans it as plainly as SQLite can.
//
//   fleet_store fill DIR   1,000,000 users of 10,000 tenants in DIR/rollcall.db, with the key file
//                          that rollcalld wants beside them
//   fleet_store scan DIR   seconds that SELECT * FROM users takes, by the clock on the wall
#include <cstdio>
#include <string_view>

#include "../support/fleet_store.hpp"
#include "rollcall/storage/key_vault.hpp"

int main(int argc, char** argv) {
    using namespace rollcall;
    const std::string_view verb = argc == 3 ? argv[1] : "";
    if (verb == "fill") {
        bench::node at(argv[2]);
        const auto key = std::string(argv[2]) + "/rollcall.key";
        ROLLCALL_CHECK(storage::file_key_vault::open(key, storage::if_absent::create));
        at.run(bench::fill(at));
        return 0;
    }
    if (verb == "scan") {
        std::size_t rows = 0;
        const double taken = bench::seconds_of([&] { rows = bench::bare_scan_once(argv[2]); });
        ROLLCALL_CHECK(rows == std::size_t{bench::tenants} * bench::users_per_tenant);
        std::printf("%.6f\n", taken);
        return 0;
    }
    std::fprintf(stderr, "usage: fleet_store fill|scan DIR\n");
    return 2;
}
