#include "rollcall/measure/measure.hpp"

#include <stdlib.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "parts.hpp"
#include "rollcall/core/date.hpp"

namespace rollcall::measure {
namespace {

class folder_of_its_own {
  public:
    explicit folder_of_its_own(const std::string& place)
        : path_(place + "/rollcall-measure-XXXXXX") {
        made_ = ::mkdtemp(path_.data()) != nullptr;
    }
    ~folder_of_its_own() {
        std::error_code ignored;
        if (made_) std::filesystem::remove_all(path_, ignored);
    }
    folder_of_its_own(const folder_of_its_own&) = delete;
    folder_of_its_own& operator=(const folder_of_its_own&) = delete;

    [[nodiscard]] bool made() const noexcept { return made_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    std::string path_;
    bool made_ = false;
};

std::string processor_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
    }
    return "unknown processor";
}

std::string today() {
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const std::chrono::year_month_day date(day);
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

} // namespace

outcome<capacity::machine> measure_machine(const measure_options& options) {
    const auto say = [&](std::string_view what) {
        if (options.on_step) options.on_step(what);
    };
    const folder_of_its_own folder(options.data_dir);
    if (!folder.made()) {
        return failure{errc::invalid_argument,
                       options.data_dir + ": no folder can be made in it: " + std::strerror(errno)};
    }
    capacity::machine out;
    out.name = "measured";
    out.cpu = processor_name();
    out.date = today();
    out.data_dir = std::filesystem::absolute(options.data_dir).lexically_normal().string();
    out.cores = std::max(1u, std::thread::hardware_concurrency());
    const double seconds = options.quick ? 0.3 : 3;
    say("memory");
    measure_memory(out, options.quick);
    say("reading");
    measure_reading(out, seconds);
    say("calls");
    measure_calls(out, seconds);
    say("TLS");
    measure_tls(out, seconds);
    say("the database");
    if (const auto done = measure_store(out, folder.path(), seconds, options.quick); !done) {
        return done.error();
    }
    return out;
}

} // namespace rollcall::measure
