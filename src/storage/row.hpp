// Rows with checksums: what every table but counters is written and read through.
//
// The checksum of a row is hash64 over the canonical bytes of its other columns, in the order of
// the table, behind the 8 bytes of the hash64 of the table's name, so that neither a changed value
// nor a row in the place of another goes unnoticed (SQLite has no page checksums by default).
#pragma once
#include <array>
#include <bit>
#include <optional>
#include <span>
#include <string_view>

#include "canonical.hpp"
#include "rollcall/core/hash.hpp"
#include "sqlite.hpp"

namespace rollcall::storage {

class row_checksum {
  public:
    explicit row_checksum(std::string_view table) {
        const auto name = std::bit_cast<std::array<char, 8>>(hash64(table));
        bytes_.raw({name.data(), name.size()});
    }

    void begin() noexcept { bytes_.cut(sizeof(std::uint64_t)); }
    void integer(std::int64_t value) { bytes_.integer(value); }
    void text(std::string_view value) { bytes_.text(value); }
    void blob(std::string_view value) { bytes_.blob(value); }
    void null() { bytes_.null(); }
    // As SQLite stores it: a signed integer.
    [[nodiscard]] std::int64_t value() const noexcept {
        return std::bit_cast<std::int64_t>(hash64(bytes_.view()));
    }

  private:
    canonical_bytes bytes_;
};

// Writes rows through one statement whose parameters are the columns in order, the checksum last.
class row_writer {
  public:
    row_writer(connection& on, std::string_view table, std::string_view sql)
        : statement_(on, sql), checksum_(table) {}

    row_writer& begin() noexcept {
        checksum_.begin();
        next_ = 1;
        return *this;
    }
    row_writer& integer(std::int64_t value) {
        checksum_.integer(value);
        statement_.bind(next_++, value);
        return *this;
    }
    // Borrowed until finish().
    row_writer& text(std::string_view value) {
        checksum_.text(value);
        statement_.bind(next_++, value);
        return *this;
    }
    row_writer& blob(std::span<const unsigned char> value) {
        checksum_.blob({reinterpret_cast<const char*>(value.data()), value.size()});
        statement_.bind_blob(next_++, value);
        return *this;
    }
    row_writer& blob(std::string_view value) {
        return blob({reinterpret_cast<const unsigned char*>(value.data()), value.size()});
    }
    row_writer& null() {
        checksum_.null();
        statement_.bind_null(next_++);
        return *this;
    }
    void finish() {
        statement_.bind(next_, checksum_.value());
        statement_.run();
    }

  private:
    statement statement_;
    row_checksum checksum_;
    int next_ = 1;
};

// Reads rows whose columns are those of the table in order, the checksum last. After the last
// column finish() says whether the row is what was written.
class row_reader {
  public:
    row_reader(connection& on, std::string_view table, std::string_view sql)
        : statement_(on, sql), checksum_(table) {}

    [[nodiscard]] statement& query() noexcept { return statement_; }
    [[nodiscard]] bool next() {
        checksum_.begin();
        next_ = 0;
        return statement_.step();
    }
    [[nodiscard]] std::int64_t integer() {
        const auto value = statement_.integer(next_++);
        checksum_.integer(value);
        return value;
    }
    template <class Integer>
    [[nodiscard]] Integer integer_as() {
        return static_cast<Integer>(integer());
    }
    // Lives until next().
    [[nodiscard]] std::string_view text() {
        const auto value = statement_.text(next_++);
        checksum_.text(value);
        return value;
    }
    [[nodiscard]] std::string_view blob() {
        const auto value = statement_.blob(next_++);
        checksum_.blob(value);
        return value;
    }
    // The same, or nothing for a NULL.
    [[nodiscard]] std::optional<std::string_view> text_or_null() {
        const auto value = statement_.text(next_++);
        if (value.data() == nullptr) {
            checksum_.null();
            return std::nullopt;
        }
        checksum_.text(value);
        return value;
    }
    [[nodiscard]] bool finish() { return statement_.integer(next_) == checksum_.value(); }

  private:
    statement statement_;
    row_checksum checksum_;
    int next_ = 0;
};

} // namespace rollcall::storage
