// One request and its answer on one connection: what client::post does after it has a connection.
#pragma once
#include <boost/beast/http/basic_parser.hpp>
#include <memory>
#include <optional>

#include "inflater.hpp"
#include "rollcall/http/client.hpp"
#include "timed_io.hpp"

namespace rollcall::http {

namespace beast = boost::beast;

// Beast's parser, which hands each piece of the body out as a view into the input.
class answer_parser final : public beast::http::basic_parser<false> {
  public:
    unsigned status = 0;
    std::string content_type;
    std::string content_encoding;
    std::string_view fragment; // set by put(), valid until the input moves

  private:
    using view = beast::string_view;
    void on_request_impl(beast::http::verb, view, view, int, error_code&) override {}
    void on_response_impl(int code, view, int, error_code&) override {
        status = static_cast<unsigned>(code);
    }
    void on_field_impl(beast::http::field name, view, view value, error_code&) override;
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(view body, error_code&) override { return keep(body); }
    void on_chunk_header_impl(std::uint64_t, view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, view body, error_code&) override {
        return keep(body);
    }
    void on_finish_impl(error_code&) override {}
    std::size_t keep(view body) {
        fragment = {body.data(), body.size()};
        return body.size();
    }
};

// A peer that sends less than the least rate for longer than a window is dropped: it owes
// rate x window bytes before each window's end, and a window ends early once they have come.
class rate_floor {
  public:
    static constexpr seconds window{30};

    rate_floor(std::uint64_t bytes_per_second_min, mono_time start)
        : owed_each_(bytes_per_second_min * static_cast<std::uint64_t>(window.count())),
          until_(start + window) {}
    void received(std::size_t bytes, mono_time now) {
        count_ += bytes;
        if (count_ < owed_each_) return;
        count_ = 0;
        until_ = now + window;
    }
    [[nodiscard]] mono_time deadline() const noexcept { return until_; }

  private:
    std::uint64_t owed_each_;
    std::uint64_t count_ = 0;
    mono_time until_;
};

class exchange {
  public:
    // The references must outlive it.
    exchange(shard& owner, io_stream& stream, const client_options& options, body_buffer& into,
             mono_time deadline);
    ~exchange();
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    // Sends `head` and `body`, and reads the answer. Errors as client::post.
    [[nodiscard]] task<result<client_answer>> run(std::string_view head, std::string_view body,
                                                  bool& sent);

    // The answer ended where the peer said, and both sides would like to go on.
    [[nodiscard]] bool reusable() const noexcept { return reusable_; }

  private:
    [[nodiscard]] task<result<void>> read_header();
    [[nodiscard]] task<result<void>> read_body();
    [[nodiscard]] task<result<void>> read_plain(std::size_t length);
    [[nodiscard]] task<result<void>> read_parsed();
    [[nodiscard]] task<result<void>> take_fragment();
    [[nodiscard]] task<result<void>> fill();
    [[nodiscard]] result<bool> parse();
    [[nodiscard]] errc failed(const io_outcome& outcome);

    shard& owner_;
    io_stream& stream_;
    const client_options& options_;
    body_buffer& into_;
    mono_time deadline_;
    mono_time answer_by_; // the first byte, or the next bytes by the least rate
    std::optional<answer_parser> parser_;
    std::optional<inflater> inflater_;
    std::optional<rate_floor> floor_;
    std::unique_ptr<char[]> input_;
    std::size_t begin_ = 0; // unparsed input is [begin_, end_)
    std::size_t end_ = 0;
    std::size_t dirty_ = 0; // input below this is wiped at the end
    bool ended_ = false;    // the peer has closed its side
    bool reusable_ = false;
};

} // namespace rollcall::http
