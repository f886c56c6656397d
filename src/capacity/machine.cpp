// The machine profile as JSON.
#include "rollcall/capacity/machine.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "capacity/machine_json.hpp"
#include "rollcall/core/check.hpp"

namespace rollcall::capacity {
namespace {

namespace json = boost::json;

constexpr std::array figures{
    machine_figure{"unchanged_people_s", "people/s",
                   "read, compared and judged in a sweep in which nobody changed, by one thread",
                   &machine::unchanged_people_s},
    machine_figure{"changed_people_s", "people/s", "planned and carried out", //
                   &machine::changed_people_s},
    machine_figure{"inflated_people_s", "people/s", "their part of a compressed answer",
                   &machine::inflated_people_s},
    machine_figure{"json_bytes_person", "bytes", "of an answer", &machine::json_bytes_person},
    machine_figure{"gzip_bytes_person", "bytes", "of a compressed answer",
                   &machine::gzip_bytes_person},
    machine_figure{"call_us", "us", "of processor time for a call, whatever it reads",
                   &machine::call_us},
    machine_figure{"handshakes_s", "handshakes/s", "of TLS, our side's processor time",
                   &machine::handshakes_s},
    machine_figure{"tls_mib_s", "MiB/s", "that TLS decrypts", &machine::tls_mib_s},
    machine_figure{"memory_bytes_user", "bytes", "of the process for each user",
                   &machine::memory_bytes_user},
    machine_figure{"memory_bytes_tenant", "bytes", "of the process for each tenant",
                   &machine::memory_bytes_tenant},
    machine_figure{"database_bytes_user", "bytes",
                   "of the file for each user, with the audit of its creation",
                   &machine::database_bytes_user},
    machine_figure{"database_bytes_step", "bytes", "of the file for each step of the audit",
                   &machine::database_bytes_step},
    machine_figure{"commits_s", "commits/s", "durable, one after another", &machine::commits_s},
    machine_figure{"commits_s_many", "commits/s", "durable, from 50 at a time",
                   &machine::commits_s_many},
    machine_figure{"loaded_users_s", "users/s", "at a start", &machine::loaded_users_s},
};

double number_at(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<double>() : std::nan("");
}

std::string text_at(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

failure wrong(std::string text) {
    return {errc::invalid_argument, std::move(text)};
}

} // namespace

std::span<const machine_figure> machine_figures() noexcept {
    return figures;
}

std::string to_json(const machine& of) {
    // One line a figure, so that two profiles are easily compared.
    std::string out = fmt::format("{{\n  \"version\": {},\n", machine_version);
    for (const auto& [name, text] :
         {std::pair{"name", &of.name}, std::pair{"cpu", &of.cpu}, std::pair{"date", &of.date},
          std::pair{"data_dir", &of.data_dir}}) {
        out += fmt::format("  \"{}\": {},\n", name, json::serialize(json::value(*text)));
    }
    out += fmt::format("  \"cores\": {},\n  \"figures\": {{\n", of.cores);
    for (const auto& each : figures) {
        const auto& value = of.*each.value;
        out += fmt::format(
            "    \"{}\": {{\"unit\": \"{}\", \"min\": {:.6g}, \"median\": {:.6g}, "
            "\"max\": {:.6g}}}{}\n",
            each.name, each.unit, value.low, value.likely, value.high,
            &each == &figures.back() ? "" : ",");
    }
    return out + "  }\n}\n";
}

boost::system::result<machine, failure> read_machine(std::string_view text) {
    boost::system::error_code error;
    const auto parsed = json::parse(text, error);
    if (error || !parsed.is_object()) return wrong("this is no JSON of a machine profile");
    const auto& root = parsed.get_object();
    if (number_at(root, "version") != machine_version) {
        return wrong(
            fmt::format("this is no machine profile of version {}; `rollcall capacity "
                        "measure` makes one",
                        machine_version));
    }
    machine out;
    out.name = text_at(root, "name");
    out.cpu = text_at(root, "cpu");
    out.date = text_at(root, "date");
    out.data_dir = text_at(root, "data_dir");
    out.cores = number_at(root, "cores");
    if (!(out.cores > 0)) return wrong("cores has to be a number above 0");
    const auto* values = root.if_contains("figures");
    if (values == nullptr || !values->is_object()) return wrong("it has no figures");
    for (const auto& each : figures) {
        const auto* one = values->get_object().if_contains(each.name);
        if (one == nullptr || !one->is_object()) {
            return wrong(fmt::format("the figure {} is missing", each.name));
        }
        const range value{number_at(one->get_object(), "min"),
                          number_at(one->get_object(), "median"),
                          number_at(one->get_object(), "max")};
        const bool good = value.low > 0 && value.likely >= value.low &&
                          value.high >= value.likely && std::isfinite(value.high);
        if (!good) {
            return wrong(
                fmt::format("the figure {} needs min, median and max above 0, in this "
                            "order",
                            each.name));
        }
        out.*each.value = value;
    }
    return out;
}

const machine& shipped_machine() {
    static const machine shipped = [] {
        auto read = read_machine(shipped_machine_json);
        ROLLCALL_CHECK(read);
        return *read;
    }();
    return shipped;
}

} // namespace rollcall::capacity
