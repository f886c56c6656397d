// SQLite's connection and statement as C++ objects, as much of them as this layer needs.
//
// A connection keeps the first error of the work in hand, and every call after it does nothing: a
// run of statements is written straight down and tested once, where it ends. clear() begins new
// work.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rollcall/core/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace rollcall::storage {

class connection {
  public:
    connection() = default;
    // Closes without a checkpoint; the statements must be gone.
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // Opens an existing file. `vfs` names one of SQLite's virtual file systems; blank is the
    // default.
    void open(const std::string& path, const std::string& vfs);
    // Runs one or more statements without values.
    void exec(const char* sql);
    // The first column of the first row; blank or 0 where there is none.
    [[nodiscard]] std::string text_of(const char* sql);
    [[nodiscard]] std::int64_t integer_of(const char* sql);

    [[nodiscard]] bool ok() const noexcept { return result_ == 0; }
    // SQLite's extended result code, 0 if all went well.
    [[nodiscard]] int result_code() const noexcept { return result_; }
    // The same in our vocabulary.
    [[nodiscard]] errc code() const noexcept;
    // SQLite's words for it. They name tables and columns, never values.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    void clear() noexcept;
    // Keeps `result_code` if it is the first error.
    void note(int result_code);

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

  private:
    sqlite3* handle_ = nullptr;
    int result_ = 0;
    std::string text_;
};

// A prepared statement. Its connection must outlive it.
class statement {
  public:
    statement(connection& on, std::string_view sql);
    ~statement();
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;

    // Parameters from 1. Texts and blobs are borrowed until the next reset().
    void bind(int parameter, std::int64_t value);
    void bind(int parameter, std::string_view text);
    void bind_blob(int parameter, std::span<const unsigned char> bytes);
    void bind_null(int parameter);

    // True: there is a row. False: the end, or an error that the connection keeps.
    [[nodiscard]] bool step();
    // Steps to the end and resets.
    void run();
    void reset() noexcept;

    // Columns from 0, of the row at hand; the views live until the next step or reset. A text
    // that is NULL has no data(), an empty one has.
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] std::string_view text(int column) const noexcept;
    [[nodiscard]] std::string_view blob(int column) const noexcept;
    [[nodiscard]] int columns() const noexcept;
    // SQLITE_INTEGER, SQLITE_TEXT, …
    [[nodiscard]] int type(int column) const noexcept;

  private:
    connection& connection_;
    sqlite3_stmt* handle_ = nullptr;
};

} // namespace rollcall::storage
