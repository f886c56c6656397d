// The log: one JSON object for each line, made of an event name and fields.
//
//   {"time":"2026-11-21T18:36:03.123Z","level":"info","event":"sync.finished","tenant":"acme"}
//
// Event names are stable nouns and part of the interface. What is logged are state transitions and
// ids: never employee data, keys or bodies. A logger is a cheap value that is passed to whoever
// logs; there is no global one. All of it is thread-safe, and nothing of it throws: a line that
// cannot be made or written is lost.
#pragma once
#include <concepts>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rollcall/core/error.hpp"
#include "rollcall/core/time.hpp"

namespace rollcall {

enum class log_level { debug, info, warn, error };

[[nodiscard]] std::string_view name_of(log_level level) noexcept;
[[nodiscard]] std::optional<log_level> parse_log_level(std::string_view name) noexcept;

// One member of a line. Views only: it lives as long as the call.
struct log_field {
    using any_value = std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view>;

    log_field(std::string_view field, std::string_view text) : name(field), value(text) {}
    log_field(std::string_view field, const char* text)
        : log_field(field, std::string_view{text}) {}
    log_field(std::string_view field, const std::string& text)
        : log_field(field, std::string_view{text}) {}
    log_field(std::string_view field, bool flag) : name(field), value(flag) {}
    log_field(std::string_view field, double number) : name(field), value(number) {}
    log_field(std::string_view field, errc code) : log_field(field, name_of(code)) {}
    log_field(std::string_view field, std::signed_integral auto number)
        : name(field), value(std::int64_t{number}) {}
    log_field(std::string_view field, std::unsigned_integral auto number)
        : name(field), value(std::uint64_t{number}) {}

    std::string_view name;
    any_value value;
};

// Where the lines of log_capture go, for tests.
class captured_lines {
  public:
    [[nodiscard]] std::vector<std::string> lines() const;
    // Whether a line holds all these texts.
    [[nodiscard]] bool contains(std::initializer_list<std::string_view> texts) const;
    void add(std::string line);

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

class logger {
  public:
    // Writes nothing: for code under test and for tools that have nothing to say.
    logger() = default;

    // `time` must outlive all copies of the logger.
    [[nodiscard]] static logger to_stderr(const time_source& time,
                                          log_level level = log_level::info);
    // Appends to the file and writes every line at once. errc::storage_failed if it cannot be
    // opened.
    [[nodiscard]] static result<logger> to_file(const std::string& path, const time_source& time,
                                                log_level level = log_level::info);
    [[nodiscard]] static logger to_capture(std::shared_ptr<captured_lines> lines,
                                           const time_source& time,
                                           log_level level = log_level::debug);

    // A logger of the same sink and level whose lines have these fields too, after the event.
    [[nodiscard]] logger with(std::initializer_list<log_field> fields) const;

    void debug(std::string_view event,
               std::initializer_list<log_field> fields = {}) const noexcept {
        write(log_level::debug, event, fields);
    }
    void info(std::string_view event, std::initializer_list<log_field> fields = {}) const noexcept {
        write(log_level::info, event, fields);
    }
    void warn(std::string_view event, std::initializer_list<log_field> fields = {}) const noexcept {
        write(log_level::warn, event, fields);
    }
    void error(std::string_view event,
               std::initializer_list<log_field> fields = {}) const noexcept {
        write(log_level::error, event, fields);
    }
    void write(log_level level, std::string_view event,
               std::initializer_list<log_field> fields) const noexcept;

    [[nodiscard]] bool enabled(log_level level) const noexcept;
    // For all copies of this logger.
    void set_level(log_level level) const noexcept;
    // Opens the file again by its path, after a rotation moved it away. False if that failed: the
    // lines go on into the old file. Nothing to do for the other sinks.
    bool reopen() const noexcept;

  private:
    struct shared;
    explicit logger(std::shared_ptr<shared> state) : state_(std::move(state)) {}

    std::shared_ptr<shared> state_;
    std::string bound_; // the fields of with(), as they stand in the line
};

} // namespace rollcall
