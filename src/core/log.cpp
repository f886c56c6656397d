#include "rollcall/core/log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <iterator>
#include <utility>

#include "rollcall/core/text.hpp"

namespace rollcall {
namespace {

using line_buffer = fmt::memory_buffer;

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};

spdlog::level::level_enum to_spdlog(log_level level) noexcept {
    switch (level) {
        case log_level::debug: return spdlog::level::debug;
        case log_level::info: return spdlog::level::info;
        case log_level::warn: return spdlog::level::warn;
        case log_level::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

// ---- JSON
// ----------------------------------------------------------------------------------------

void append(line_buffer& out, std::string_view text) {
    out.append(text.data(), text.data() + text.size());
}

// Control characters are escaped, so that no value can forge a line; bytes that are no UTF-8 would
// make the line unreadable as JSON and become U+FFFD.
void append_string(line_buffer& out, std::string_view text) {
    const bool valid = valid_utf8(text);
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20 || byte == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", unsigned{byte});
        } else if (byte >= 0x80 && !valid) {
            append(out, "\\ufffd");
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

struct value_writer {
    line_buffer& out;

    void operator()(std::string_view text) const { append_string(out, text); }
    void operator()(bool flag) const { append(out, flag ? "true" : "false"); }
    void operator()(double number) const {
        if (!std::isfinite(number)) return append(out, "null"); // JSON has no such number
        fmt::format_to(std::back_inserter(out), "{}", number);
    }
    void operator()(std::integral auto number) const {
        fmt::format_to(std::back_inserter(out), "{}", number);
    }
};

void append_fields(line_buffer& out, std::initializer_list<log_field> fields) {
    for (const log_field& field : fields) {
        out.push_back(',');
        append_string(out, field.name);
        out.push_back(':');
        std::visit(value_writer{out}, field.value);
    }
}

void append_time(line_buffer& out, wall_time t) {
    using namespace std::chrono;
    const auto day = floor<days>(t);
    const year_month_day date{day};
    const hh_mm_ss time{floor<milliseconds>(t - day)};
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                   time.seconds().count(), time.subseconds().count());
}

// ---- sinks
// ---------------------------------------------------------------------------------------

// A file descriptor, written with one write() for each line, so that the lines of two processes do
// not mix and a crash loses none. spdlog's own file sink cannot be opened again.
class descriptor_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    descriptor_sink(int descriptor, std::string path)
        : descriptor_(descriptor), path_(std::move(path)) {}
    ~descriptor_sink() override {
        if (!path_.empty()) ::close(descriptor_);
    }
    descriptor_sink(const descriptor_sink&) = delete;
    descriptor_sink& operator=(const descriptor_sink&) = delete;

    static int open_file(const std::string& path) noexcept {
        return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    }
    bool reopen() {
        const std::lock_guard lock{mutex_};
        if (path_.empty()) return true;
        const int opened = open_file(path_);
        if (opened < 0) return false;
        ::close(std::exchange(descriptor_, opened));
        return true;
    }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        const char* at = line.data();
        std::size_t left = line.size();
        while (left > 0) {
            const ssize_t written = ::write(descriptor_, at, left);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return; // nowhere to say it
            at += written;
            left -= static_cast<std::size_t>(written);
        }
    }
    void flush_() override {}

  private:
    int descriptor_;
    std::string path_; // empty for stderr, which is not ours to close
};

class capture_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit capture_sink(std::shared_ptr<captured_lines> lines) : lines_(std::move(lines)) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        lines_->add(std::string{message.payload.data(), message.payload.size()});
    }
    void flush_() override {}

  private:
    std::shared_ptr<captured_lines> lines_;
};

} // namespace

std::string_view name_of(log_level level) noexcept {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<log_level> parse_log_level(std::string_view name) noexcept {
    const auto found = std::find(level_names.begin(), level_names.end(), name);
    if (found == level_names.end()) return std::nullopt;
    return static_cast<log_level>(found - level_names.begin());
}

// ---- captured_lines
// ------------------------------------------------------------------------------

std::vector<std::string> captured_lines::lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
}

bool captured_lines::contains(std::initializer_list<std::string_view> texts) const {
    const std::lock_guard lock{mutex_};
    return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
        return std::all_of(texts.begin(), texts.end(), [&](std::string_view text) {
            return line.find(text) != std::string::npos;
        });
    });
}

void captured_lines::add(std::string line) {
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::move(line));
}

// ---- logger
// --------------------------------------------------------------------------------------

struct logger::shared {
    shared(const time_source& source, spdlog::sink_ptr where, log_level at_least)
        : time(source), sink("rollcall", std::move(where)) {
        sink.set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
        sink.set_level(to_spdlog(at_least));
        sink.set_error_handler([](const std::string&) {}); // its own would write plain text
    }

    const time_source& time;
    spdlog::logger sink;
    std::shared_ptr<descriptor_sink> file;
};

logger logger::to_stderr(const time_source& time, log_level level) {
    auto sink = std::make_shared<descriptor_sink>(STDERR_FILENO, std::string{});
    return logger{std::make_shared<shared>(time, std::move(sink), level)};
}

result<logger> logger::to_file(const std::string& path, const time_source& time, log_level level) {
    const int descriptor = descriptor_sink::open_file(path);
    if (descriptor < 0) return errc::storage_failed;
    auto sink = std::make_shared<descriptor_sink>(descriptor, path);
    auto state = std::make_shared<shared>(time, sink, level);
    state->file = std::move(sink);
    return logger{std::move(state)};
}

logger logger::to_capture(std::shared_ptr<captured_lines> lines, const time_source& time,
                          log_level level) {
    auto sink = std::make_shared<capture_sink>(std::move(lines));
    return logger{std::make_shared<shared>(time, std::move(sink), level)};
}

logger logger::with(std::initializer_list<log_field> fields) const {
    logger bound = *this;
    line_buffer text;
    append_fields(text, fields);
    bound.bound_.append(text.data(), text.size());
    return bound;
}

void logger::write(log_level level, std::string_view event,
                   std::initializer_list<log_field> fields) const noexcept {
    if (!enabled(level)) return;
    try {
        line_buffer line;
        append(line, R"({"time":")");
        append_time(line, state_->time.wall_now());
        append(line, R"(","level":")");
        append(line, name_of(level));
        append(line, R"(","event":)");
        append_string(line, event);
        append(line, bound_);
        append_fields(line, fields);
        line.push_back('}');
        state_->sink.log(to_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
    } catch (...) {
        // No memory for the line: the program goes on without it.
    }
}

bool logger::enabled(log_level level) const noexcept {
    return state_ != nullptr && state_->sink.should_log(to_spdlog(level));
}

void logger::set_level(log_level level) const noexcept {
    if (state_ != nullptr) state_->sink.set_level(to_spdlog(level));
}

bool logger::reopen() const noexcept {
    try {
        return state_ == nullptr || state_->file == nullptr || state_->file->reopen();
    } catch (...) {
        return false;
    }
}

} // namespace rollcall
