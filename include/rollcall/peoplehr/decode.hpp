// Reads the JSON of an answer: the envelope, and of each employee the fields that a mapping needs.
//
// One forward pass over simdjson's structural index. Nothing depends on the order of keys, in the
// rows or in the envelope; nothing that no mapping needs is copied or unescaped (G-12), but all of
// it is checked to be JSON, so that an answer that was cut or damaged anywhere cannot pass for a
// complete one (G-1). The on-demand front end of simdjson checks only the parts that are read, and
// copies every string that is, so the pass over the index is ours.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rollcall/sync/people_source.hpp"

namespace rollcall::peoplehr {

// What was asked for, which decides the type that Result must have.
enum class question : std::uint8_t { everybody, page, one_employee };

enum class decode_fault : std::uint8_t {
    none,
    empty, // no byte but white space
    not_utf8,
    not_json,       // cut, or broken at `fault_offset`
    too_deep,       // nested deeper than nesting_max
    too_large,      // more than the 4 GiB that an offset can say
    duplicate_key,  // in the envelope, a row or a wrapper: which of the two is meant?
    envelope_type,  // isError, Status or Message is of a type that says nothing
    row_type,       // a row is not an object
    row_without_id, // a row has no EmployeeId, or a blank one
};

enum class result_kind : std::uint8_t { missing, null, text, rows, one_row, page, other };

// The answer as read. The views point into the body: classify before it is wiped.
struct answer {
    bool complete = false;                   // valid JSON to its last byte, and no key twice
    decode_fault fault = decode_fault::none; // the first one; row faults leave `complete` true
    std::size_t fault_offset = 0;            // in bytes from the start of the body
    std::size_t fault_row = 0;               // counted from 1; 0: not in a row
    bool is_error = false;
    std::optional<int> status;
    std::string_view message;
    result_kind kind = result_kind::missing;
    std::size_t rows = 0;                    // passed to the sink
    std::optional<std::uint64_t> rows_total; // Pagination.TotalRows of a page
    std::string_view notice; // Message of a row that is no employee (section 2.2 of the wire facts)
};

// Keys that may be asked for besides those of sync::source_field (G-14).
inline constexpr std::size_t extra_names_max = 16;

class decoder {
  public:
    static constexpr unsigned nesting_max = 64;

    // A text is indexed in windows of this size, one for each call of advance(): 0.1 ms, and up to
    // 0.8 ms where the numbers of the index get memory that was not used before.
    static constexpr std::size_t window_bytes_usual = 1u << 20;

    explicit decoder(std::size_t window_bytes = window_bytes_usual);
    ~decoder();
    decoder(decoder&&) noexcept;
    decoder& operator=(decoder&&) noexcept;

    // Starts a new answer. Its text is rewritten where it has escapes; the text and 64 bytes behind
    // it must stay, writable and untouched by others, until the decoder is done. So must
    // `extra_names`: keys of an employee whose values the rows carry as `extra`, in that order, at
    // most extra_names_max.
    void begin(std::span<char> text, question asked, std::span<const std::string> extra_names = {});

    // Does a slice of the work: indexes a window, or passes up to `rows_max` rows, and at least
    // one, to the sink. True while there may be more. After a fault no row is passed any more.
    // Allocates nothing for a row.
    [[nodiscard]] bool advance(std::size_t rows_max, sync::row_sink& rows);

    // Final once advance() has returned false.
    [[nodiscard]] const answer& outcome() const noexcept;

    // Forgets the text, and gives memory back that was made for one of more than `keep` bytes.
    void finish(std::size_t keep) noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::peoplehr
