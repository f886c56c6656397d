#include "sqlite.hpp"

#include <sqlite3.h>

#include "rollcall/core/check.hpp"

namespace rollcall::storage {

connection::~connection() {
    if (handle_ == nullptr) return;
    ROLLCALL_CHECK(sqlite3_close(handle_) == SQLITE_OK);
}

void connection::open(const std::string& path, const std::string& vfs) {
    // No mutex of SQLite's own: calls never overlap, because all are made by one worker.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    note(sqlite3_open_v2(path.c_str(), &handle_, flags, vfs.empty() ? nullptr : vfs.c_str()));
    if (!ok()) return;
    sqlite3_extended_result_codes(handle_, 1);
    // A close after an I/O error must not copy the WAL, whose state is then unknown, into the file.
    note(sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr));
    note(sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr));
}

void connection::exec(const char* sql) {
    if (ok()) note(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr));
}

std::string connection::text_of(const char* sql) {
    statement query(*this, sql);
    return query.step() ? std::string(query.text(0)) : std::string();
}

std::int64_t connection::integer_of(const char* sql) {
    statement query(*this, sql);
    return query.step() ? query.integer(0) : 0;
}

errc connection::code() const noexcept {
    switch (result_ & 0xff) {
        case SQLITE_OK: return errc::ok;
        case SQLITE_FULL: return errc::storage_full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return errc::locked;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return errc::corrupt;
        case SQLITE_CONSTRAINT:
            return result_ == SQLITE_CONSTRAINT_UNIQUE || result_ == SQLITE_CONSTRAINT_PRIMARYKEY
                       ? errc::already_exists
                       : errc::invalid_argument;
        case SQLITE_ERROR:
        case SQLITE_MISUSE:
        case SQLITE_RANGE: return errc::bug;
        // An I/O error, no memory, a file that cannot be opened or has become read-only.
        default: return errc::storage_failed;
    }
}

void connection::clear() noexcept {
    result_ = SQLITE_OK;
    text_.clear();
}

void connection::note(int result_code) {
    if (result_code == SQLITE_OK || result_code == SQLITE_ROW || result_code == SQLITE_DONE) return;
    if (!ok()) return;
    result_ = result_code;
    text_ = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(result_code);
}

statement::statement(connection& on, std::string_view sql) : connection_(on) {
    if (!on.ok()) return;
    on.note(sqlite3_prepare_v3(on.handle(), sql.data(), static_cast<int>(sql.size()),
                               SQLITE_PREPARE_PERSISTENT, &handle_, nullptr));
}

statement::~statement() {
    sqlite3_finalize(handle_);
}

void statement::bind(int parameter, std::int64_t value) {
    if (connection_.ok()) connection_.note(sqlite3_bind_int64(handle_, parameter, value));
}

void statement::bind(int parameter, std::string_view text) {
    if (!connection_.ok()) return;
    // A null pointer would bind NULL, and a blank view may hold one.
    const char* data = text.empty() ? "" : text.data();
    connection_.note(
        sqlite3_bind_text64(handle_, parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void statement::bind_blob(int parameter, std::span<const unsigned char> bytes) {
    if (!connection_.ok()) return;
    connection_.note(bytes.empty() ? sqlite3_bind_zeroblob(handle_, parameter, 0)
                                   : sqlite3_bind_blob64(handle_, parameter, bytes.data(),
                                                         bytes.size(), SQLITE_STATIC));
}

void statement::bind_null(int parameter) {
    if (connection_.ok()) connection_.note(sqlite3_bind_null(handle_, parameter));
}

bool statement::step() {
    if (!connection_.ok()) return false;
    const int code = sqlite3_step(handle_);
    connection_.note(code);
    return code == SQLITE_ROW;
}

void statement::run() {
    while (step()) {
    }
    reset();
}

void statement::reset() noexcept {
    sqlite3_reset(handle_);
}

std::int64_t statement::integer(int column) const noexcept {
    return sqlite3_column_int64(handle_, column);
}

std::string_view statement::text(int column) const noexcept {
    const auto* data = sqlite3_column_text(handle_, column);
    if (data == nullptr) return {};
    return {reinterpret_cast<const char*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view statement::blob(int column) const noexcept {
    const void* data = sqlite3_column_blob(handle_, column);
    if (data == nullptr) return {};
    return {static_cast<const char*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

int statement::columns() const noexcept {
    return sqlite3_column_count(handle_);
}

int statement::type(int column) const noexcept {
    return sqlite3_column_type(handle_, column);
}

} // namespace rollcall::storage
