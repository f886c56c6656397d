// What one machine can do: figures that `rollcall capacity measure` took with the program's own
// code, as versioned JSON. Pure: the file is somebody else's to read and write.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "rollcall/capacity/range.hpp"
#include "rollcall/core/error.hpp"

namespace rollcall::capacity {

inline constexpr int machine_version = 1;

// `low`, `likely` and `high` are the least, the median and the greatest of several passes.
struct machine {
    std::string name; // "measured here", or where the file comes from
    std::string cpu;
    std::string date;     // yyyy-MM-dd
    std::string data_dir; // whose disk was measured
    double cores = 0;

    range unchanged_people_s; // decoded, mapped, compared and judged, of one thread
    range changed_people_s;   // planned and carried out
    range inflated_people_s;  // their part of an answer with gzip
    range json_bytes_person;
    range gzip_bytes_person;
    range call_us;           // processor time of a call that reads one person, without TLS
    range handshakes_s;      // TLS, our side's processor time
    range tls_mib_s;         // decryption
    range memory_bytes_user; // with both indexes, as the process grows
    range memory_bytes_tenant;
    range database_bytes_user; // with indexes, the stored rows and the audit of creation
    range database_bytes_step; // of the audit
    range commits_s;           // durable, from one writer after another
    range commits_s_many;      // from 50 at a time
    range loaded_users_s;      // at a start
};

struct machine_figure {
    std::string_view name;
    std::string_view unit;
    std::string_view meaning;
    range machine::* value;
};
[[nodiscard]] std::span<const machine_figure> machine_figures() noexcept;

[[nodiscard]] std::string to_json(const machine& of);
// invalid_argument with what is wrong: no JSON, another version, a figure that is missing, not
// above zero or out of order.
[[nodiscard]] boost::system::result<machine, failure> read_machine(std::string_view json);

// The profile that is built in: config/machine.json.
[[nodiscard]] const machine& shipped_machine();

} // namespace rollcall::capacity
