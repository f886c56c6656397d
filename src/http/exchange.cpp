#include "exchange.hpp"

#include <algorithm>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

#include "rollcall/core/secret.hpp"

namespace rollcall::http {
namespace {

constexpr std::size_t input_bytes = 64u << 10;
constexpr std::size_t direct_read_bytes = 256u << 10;
constexpr unsigned header_bytes_max = 16u << 10;
constexpr int interim_answers_max = 8;
// PeopleHR's answers shrink by about 11 (peoplehr-api.md, section 1): room for the whole text at
// once.
constexpr std::size_t gzip_ratio_guess = 12;

bool is_word(std::string_view text, std::string_view word) {
    return beast::iequals({text.data(), text.size()}, {word.data(), word.size()});
}

errc errc_of_parser(const error_code& error) {
    if (error == beast::http::error::body_limit) return errc::response_too_large;
    if (error == beast::http::error::partial_message) return errc::connection_failed;
    return errc::bad_response;
}

} // namespace

void answer_parser::on_field_impl(beast::http::field name, view, view value, error_code&) {
    if (is_header_done()) return; // a trailer changes nothing
    if (name == beast::http::field::content_type) content_type = std::string(value);
    if (name == beast::http::field::content_encoding) {
        if (!content_encoding.empty()) content_encoding += ',';
        content_encoding += std::string(value);
    }
}

exchange::exchange(shard& owner, io_stream& stream, const client_options& options,
                   body_buffer& into, mono_time deadline)
    : owner_(owner),
      stream_(stream),
      options_(options),
      into_(into),
      deadline_(deadline),
      answer_by_(std::min(deadline, owner.now() + options.first_byte_max)),
      input_(std::make_unique_for_overwrite<char[]>(input_bytes)) {}

exchange::~exchange() {
    wipe(input_.get(), dirty_);
}

task<result<client_answer>> exchange::run(std::string_view head, std::string_view body,
                                          bool& sent) {
    sent = true;
    const auto written =
        co_await write_all_before(owner_, stream_, {asio::buffer(head), asio::buffer(body)},
                                  options_.first_byte_max, answer_by_);
    if (written.error) co_return failed(written);
    if (const auto header = co_await read_header(); !header) co_return header.error();
    client_answer answer;
    answer.header_at = owner_.now();
    if (const auto rest = co_await read_body(); !rest) co_return rest.error();
    answer.status = parser_->status;
    answer.content_type = std::move(parser_->content_type);
    reusable_ = parser_->keep_alive() && begin_ == end_ && !ended_;
    co_return answer;
}

task<result<void>> exchange::read_header() {
    for (int interim = 0; interim <= interim_answers_max; ++interim) {
        parser_.emplace();
        parser_->header_limit(header_bytes_max);
        parser_->body_limit(options_.body_bytes_max);
        while (!parser_->is_header_done()) {
            const auto progress = parse();
            if (!progress) co_return progress.error();
            if (parser_->is_header_done()) break;
            if (const auto more = co_await fill(); !more) co_return more.error();
            if (ended_) co_return errc::connection_failed;
        }
        // 100 and 103 announce; the answer follows (RFC 9110, 15.2). Nobody asked for a 101.
        if (parser_->status / 100 != 1 || parser_->status == 101) co_return result<void>{};
    }
    co_return errc::bad_response;
}

task<result<void>> exchange::read_body() {
    const auto length = parser_->content_length();
    const auto& encoding = parser_->content_encoding;
    if (is_word(encoding, "gzip") || is_word(encoding, "x-gzip")) {
        inflater_.emplace();
        into_.reserve(std::min(options_.body_bytes_max, length.value_or(0) * gzip_ratio_guess));
    } else if (!encoding.empty() && !is_word(encoding, "identity")) {
        co_return errc::bad_response; // it was not offered
    }
    if (parser_->is_done()) co_return result<void>{};
    if (length && !inflater_) co_return co_await read_plain(*length);
    co_return co_await read_parsed();
}

// The bytes go from the socket to where they stay.
task<result<void>> exchange::read_plain(std::size_t length) {
    into_.reserve(length);
    const auto early = std::min(length, end_ - begin_);
    into_.append({input_.get() + begin_, early});
    begin_ += early;
    while (into_.size() < length) {
        const auto have = into_.size();
        const auto window = std::min(length - have, direct_read_bytes);
        into_.resize(have + window);
        const auto got = co_await read_some_before(
            owner_, stream_, asio::buffer(into_.data() + have, window), answer_by_);
        into_.resize(have + got.bytes);
        if (got.error) co_return failed(got);
        floor_->received(got.bytes, owner_.now());
        answer_by_ = std::min(deadline_, floor_->deadline());
    }
    co_return result<void>{};
}

// Chunks, gzip, and bodies that end with the connection.
task<result<void>> exchange::read_parsed() {
    while (!parser_->is_done()) {
        const auto progress = parse();
        if (!progress) co_return progress.error();
        if (const auto taken = co_await take_fragment(); !taken) co_return taken.error();
        if (*progress || parser_->is_done()) continue;
        if (const auto more = co_await fill(); !more) co_return more.error();
        if (!ended_) continue;
        error_code error;
        parser_->put_eof(error);
        if (error) co_return errc_of_parser(error);
    }
    if (inflater_ && !inflater_->complete() && inflater_->started()) {
        co_return parser_->need_eof() ? errc::connection_failed : errc::bad_response;
    }
    co_return result<void>{};
}

task<result<void>> exchange::take_fragment() {
    auto fragment = std::exchange(parser_->fragment, {});
    if (!inflater_) {
        if (fragment.size() > options_.body_bytes_max - into_.size()) {
            co_return errc::response_too_large;
        }
        into_.append(fragment);
        co_return result<void>{};
    }
    for (;;) {
        switch (inflater_->feed(fragment, into_, options_.body_bytes_max)) {
            case inflater::status::hungry: co_return result<void>{};
            case inflater::status::too_large: co_return errc::response_too_large;
            case inflater::status::bad: co_return errc::bad_response;
            case inflater::status::slice_full: break;
        }
        co_await owner_.yield();
    }
}

// True if it used input, so that more may be parsed without a read.
result<bool> exchange::parse() {
    if (begin_ == end_) return false;
    error_code error;
    const auto used = parser_->put(asio::buffer(input_.get() + begin_, end_ - begin_), error);
    begin_ += used;
    if (error == beast::http::error::need_more) return false;
    if (error) return errc_of_parser(error);
    return used != 0;
}

task<result<void>> exchange::fill() {
    if (begin_ != 0) {
        std::memmove(input_.get(), input_.get() + begin_, end_ - begin_);
        end_ -= std::exchange(begin_, 0);
    }
    if (end_ == input_bytes) co_return errc::bad_response; // a line of a chunk without an end
    const auto got = co_await read_some_before(
        owner_, stream_, asio::buffer(input_.get() + end_, input_bytes - end_), answer_by_);
    end_ += got.bytes;
    dirty_ = std::max(dirty_, end_);
    if (got.error == asio::error::eof && !got.expired) {
        ended_ = true;
        co_return result<void>{};
    }
    if (got.error) co_return failed(got);
    if (!floor_) floor_.emplace(options_.bytes_per_second_min, owner_.now());
    floor_->received(got.bytes, owner_.now());
    answer_by_ = std::min(deadline_, floor_->deadline());
    co_return result<void>{};
}

errc exchange::failed(const io_outcome& outcome) {
    if (outcome.expired) return errc::deadline_exceeded;
    if (outcome.error.category() == asio::error::get_ssl_category()) return errc::tls_failed;
    return errc::connection_failed;
}

} // namespace rollcall::http
