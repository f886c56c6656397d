#include "rollcall/peoplehr/decode.hpp"

#include <algorithm>

#include "cursor.hpp"
#include "envelope.hpp"
#include "letters.hpp"
#include "row_reader.hpp"
#include "structural_index.hpp"

namespace rollcall::peoplehr {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

decode_fault fault_of(text_fault fault) noexcept {
    switch (fault) {
        case text_fault::none: return decode_fault::none;
        case text_fault::empty: return decode_fault::empty;
        case text_fault::not_utf8: return decode_fault::not_utf8;
        case text_fault::too_large: return decode_fault::too_large;
        default: return decode_fault::not_json;
    }
}

} // namespace

struct decoder::impl {
    // Where the pass is between two rows. Members of a page are those of the object that Result is
    // when the answer is one page of several.
    enum class phase : std::uint8_t { indexing, members, page_members, rows, done };
    enum member : unsigned {
        is_error_member = 1,
        status_member = 2,
        message_member = 4,
        result_member = 8
    };
    enum page_member : unsigned { page_rows = 16, pagination = 32 };

    explicit impl(std::size_t window_bytes) : index(window_bytes) {}

    structural_index index;
    std::span<char> body; // behind a byte order mark
    cursor at;
    answer out;
    question asked = question::everybody;
    phase now = phase::done;
    bool in_page = false;
    unsigned seen = 0;
    std::size_t first_byte = 0; // of `body` in the whole
    std::size_t rows_read = 0;
    read_row row;
    extra_values extra;

    void begin(std::span<char> text, question what, std::span<const std::string> extra_names);
    bool advance(std::size_t rows_max, sync::row_sink& rows);
    void start_walk();

    void fail(decode_fault fault) noexcept;
    void not_json() noexcept {
        fail(at.too_deep() ? decode_fault::too_deep : decode_fault::not_json);
    }
    void note(decode_fault fault, std::size_t in_row) noexcept;

    bool once(unsigned which) noexcept;
    void step_member(sync::row_sink& rows);
    void step_page_member();
    void step_row(sync::row_sink& rows);
    void after_value() noexcept;
    void after_member(member_read how) noexcept;
    void after_object() noexcept;
    bool pass_row(sync::row_sink& rows);

    void enter_rows() noexcept;
    void enter_page() noexcept;
    void read_result(sync::row_sink& rows);

    [[nodiscard]] unsigned depth() const noexcept { return in_page ? 2 : 1; }
    [[nodiscard]] std::size_t row_number() const noexcept { return rows_read + 1; }
};

void decoder::impl::begin(std::span<char> text, question what,
                          std::span<const std::string> extra_names) {
    out = {};
    asked = what;
    extra = extra_values{extra_names};
    in_page = false;
    seen = 0;
    rows_read = 0;
    const bool marked = std::string_view{text.data(), text.size()}.starts_with(byte_order_mark);
    first_byte = marked ? byte_order_mark.size() : 0;
    body = text.subspan(first_byte);
    index.start(body.data(), body.size());
    now = phase::indexing;
}

void decoder::impl::start_walk() {
    now = phase::done;
    out.fault = fault_of(index.fault());
    if (out.fault != decode_fault::none) return;
    body.data()[body.size()] = '\0';
    at = cursor{body.data(), index.begin(), index.end(), nesting_max};
    now = phase::members;
    if (!at.take('{')) return not_json();
    if (at.take('}')) after_object();
}

bool decoder::impl::advance(std::size_t rows_max, sync::row_sink& rows) {
    for (std::size_t left = std::max<std::size_t>(rows_max, 1); now != phase::done;) {
        switch (now) {
            case phase::indexing:
                if (index.scan_window()) return true;
                start_walk();
                break;
            case phase::members: step_member(rows); break;
            case phase::page_members: step_page_member(); break;
            case phase::rows:
                if (left-- == 0) return true;
                step_row(rows);
                break;
            case phase::done: break;
        }
    }
    return false;
}

// The text cannot be read any further.
void decoder::impl::fail(decode_fault fault) noexcept {
    out.fault = fault;
    out.fault_offset = first_byte + at.offset();
    out.fault_row = now == phase::rows ? row_number() : 0;
    out.complete = false;
    now = phase::done;
}

// The text can be read on, which it is: a later member may say why the row is not an employee.
void decoder::impl::note(decode_fault fault, std::size_t in_row) noexcept {
    if (out.fault != decode_fault::none) return;
    out.fault = fault;
    out.fault_offset = first_byte + at.offset();
    out.fault_row = in_row;
}

bool decoder::impl::once(unsigned which) noexcept {
    if ((seen & which) != 0) {
        fail(decode_fault::duplicate_key);
        return false;
    }
    seen |= which;
    return true;
}

void decoder::impl::after_value() noexcept {
    now = in_page ? phase::page_members : phase::members;
    if (at.take(',')) return;
    if (!at.take('}')) return not_json();
    after_object();
}

void decoder::impl::after_member(member_read how) noexcept {
    if (how == member_read::not_json) return not_json();
    if (how == member_read::unknown_type) note(decode_fault::envelope_type, 0);
    after_value();
}

void decoder::impl::after_object() noexcept {
    if (in_page) {
        in_page = false;
        return after_value();
    }
    if (!at.at_end()) return not_json();
    now = phase::done;
    out.complete = true;
}

void decoder::impl::step_member(sync::row_sink& rows) {
    std::string_view key;
    if (!at.key(key)) return not_json();
    // The letter case differs between the documentation and the wire (section 2.1).
    if (same_letters(key, "isError")) {
        if (!once(is_error_member)) return;
        return after_member(read_is_error(at, out));
    } else if (same_letters(key, "Status")) {
        if (!once(status_member)) return;
        return after_member(read_status(at, out));
    } else if (same_letters(key, "Message")) {
        if (!once(message_member)) return;
        return after_member(read_message(at, out));
    } else if (same_letters(key, "Result")) {
        if (!once(result_member)) return;
        return read_result(rows);
    }
    after_member(at.skip_value(1) ? member_read::good : member_read::not_json);
}

void decoder::impl::step_page_member() {
    std::string_view key;
    if (!at.key(key)) return not_json();
    if (key == "Result") {
        if (!once(page_rows)) return;
        if (at.peek() == '[') {
            out.kind = result_kind::page;
            return enter_rows();
        }
    } else if (key == "Pagination") {
        if (!once(pagination)) return;
        return after_member(read_pagination(at, out));
    }
    after_member(at.skip_value(2) ? member_read::good : member_read::not_json);
}

void decoder::impl::enter_rows() noexcept {
    static_cast<void>(at.take('['));
    if (at.take(']')) return after_value();
    now = phase::rows;
}

void decoder::impl::step_row(sync::row_sink& rows) {
    if (!pass_row(rows)) return;
    ++rows_read;
    if (at.take(',')) return;
    if (!at.take(']')) return not_json();
    after_value();
}

bool decoder::impl::pass_row(sync::row_sink& rows) {
    if (!read(at, now == phase::rows ? depth() + 1 : depth(), extra, row)) {
        if (row.fault == decode_fault::duplicate_key) {
            fail(row.fault);
        } else {
            not_json();
        }
        return false;
    }
    if (row.fault != decode_fault::none) {
        note(row.fault, row_number());
        if (out.notice.empty()) out.notice = row.notice;
    } else if (out.fault == decode_fault::none) {
        rows.on_row(row.row);
        ++out.rows;
    }
    return true;
}

// Result is an array or one object where it carries employees, and anything where it does not.
void decoder::impl::read_result(sync::row_sink& rows) {
    bool good = true;
    switch (at.peek()) {
        case '[':
            out.kind = result_kind::rows;
            if (asked == question::everybody) return enter_rows();
            good = at.skip_value(1);
            break;
        case '{':
            if (asked != question::one_employee) return enter_page();
            out.kind = result_kind::one_row;
            if (!pass_row(rows)) return;
            break;
        case '"':
            out.kind = result_kind::text;
            good = at.skip_value(1);
            break;
        default:
            out.kind = at.peek() == 'n' ? result_kind::null : result_kind::other;
            good = at.skip_value(1);
    }
    if (!good) return not_json();
    after_value();
}

void decoder::impl::enter_page() noexcept {
    // A page only once its rows are seen.
    out.kind = result_kind::other;
    in_page = true;
    static_cast<void>(at.take('{'));
    if (at.take('}')) return after_object();
    now = phase::page_members;
}

decoder::decoder(std::size_t window_bytes) : impl_(std::make_unique<impl>(window_bytes)) {}
decoder::~decoder() = default;
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;

void decoder::begin(std::span<char> text, question asked,
                    std::span<const std::string> extra_names) {
    impl_->begin(text, asked, extra_names);
}

bool decoder::advance(std::size_t rows_max, sync::row_sink& rows) {
    return impl_->advance(rows_max, rows);
}

const answer& decoder::outcome() const noexcept {
    return impl_->out;
}

void decoder::finish(std::size_t keep) noexcept {
    impl_->at = {};
    impl_->body = {};
    impl_->now = impl::phase::done;
    impl_->row = {};
    impl_->extra = {};
    impl_->out.message = {};
    impl_->out.notice = {};
    impl_->index.shrink(keep);
}

} // namespace rollcall::peoplehr
