// The HTTP/1.1 client: POST a body, read the answer into a buffer that the caller reuses.
#pragma once
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/secret.hpp"
#include "rollcall/http/stream.hpp"

namespace rollcall::http {

// A body buffer that is kept from answer to answer, so that its pages are faulted in once, and that
// always has `padding` zeroed-or-garbage bytes behind its text that a SIMD parser may read. wipe()
// overwrites what was used: HR data does not stay behind (G-12).
class body_buffer {
  public:
    static constexpr std::size_t padding = 64;

    body_buffer() = default;
    ~body_buffer();
    body_buffer(body_buffer&&) noexcept;
    body_buffer& operator=(body_buffer&&) noexcept;

    [[nodiscard]] char* data() noexcept;
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] std::size_t capacity() const noexcept; // without the padding
    [[nodiscard]] std::string_view view() const noexcept;
    // Makes room for `size` bytes in all and keeps the present ones; wipes what it leaves behind.
    void reserve(std::size_t size);
    void resize(std::size_t size);
    void append(std::string_view bytes);
    // Overwrites every byte that was ever used since the last wipe, and empties the buffer.
    void wipe() noexcept;
    // Gives memory beyond `keep` bytes back after a giant.
    void shrink(std::size_t keep);

  private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    std::size_t used_ = 0;
};

struct client_options {
    std::string user_agent = "rollcall/0.1 (+directory-sync)";
    nanoseconds connect_max = seconds{10};
    nanoseconds first_byte_max = seconds{100};
    nanoseconds total_max = seconds{300};
    std::size_t body_bytes_max = 64u << 20;   // after decompression as well
    std::uint64_t bytes_per_second_min = 500; // over any 30 s of a body: a slower peer is dropped
    std::size_t idle_connections_max = 4;     // kept alive for each endpoint
    nanoseconds idle_max = seconds{50};
    bool gzip = true;
};

struct client_answer {
    unsigned status = 0;
    std::string content_type;
    bool reused_connection = false;
    mono_time header_at{}; // when the answer's header was complete
};

class client {
  public:
    client(shard& owner, connector& network, client_options options);
    ~client();
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    // POSTs `request_body` to `target` and reads the whole answer, decompressed, into `into`.
    //
    // The request text is not copied into any buffer that outlives the call, and is wiped by the
    // caller. A kept-alive connection that is seen to be closed is replaced before
    // it is used; nothing is ever sent twice. `sent` is set once any byte may have left, which
    // decides whether the call counts against a limit. Errors: deadline_exceeded, connection_failed
    // (also: body cut short), tls_failed, response_too_large, bad_response (not HTTP, bad gzip).
    // Any HTTP status is an answer, not an error. Cancellation unwinds and closes the connection;
    // `into` then holds part of a body: wipe it.
    [[nodiscard]] task<result<client_answer>> post(const endpoint& to, std::string_view target,
                                                   std::string_view request_body, body_buffer& into,
                                                   bool& sent);

    // Closes idle connections; called on drain and when the certificate settings change.
    void close_idle() noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::http
