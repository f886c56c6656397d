#include "rollcall/http/server.hpp"

#include <sys/socket.h>

#include <boost/system/system_error.hpp>
#include <list>

#include "connection.hpp"
#include "listeners.hpp"

namespace rollcall::http {
namespace {

constexpr milliseconds accept_pause{100};

peer peer_of(socket_of<tcp>& socket) {
    error_code error;
    const auto address = socket.remote_endpoint(error);
    peer out;
    out.address = error ? "unknown" : text_of(address);
    return out;
}

peer peer_of(socket_of<unix_stream>& socket) {
    peer out;
    out.address = "unix";
    ucred who{};
    socklen_t size = sizeof who;
    if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) {
        out.pid = who.pid;
        out.uid = static_cast<int>(who.uid);
        out.gid = static_cast<int>(who.gid);
    }
    return out;
}

} // namespace

struct server::impl {
    // A place among connections_max, held from accept to the end of the connection's coroutine.
    class place {
      public:
        explicit place(std::size_t& count) : count_(&count) { ++count; }
        place(place&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
        place& operator=(place&&) = delete;
        ~place() {
            if (count_ != nullptr) --*count_;
        }

      private:
        std::size_t* count_;
    };

    impl(shard& o, const router& r, server_limits l, logger g)
        : owner(o), routes(r), limits(l), log(std::move(g)), group(o) {}

    template <class Protocol>
    task<> accept_from(acceptor_of<Protocol>& acceptor);
    template <class Protocol>
    void admit(socket_of<Protocol> socket);
    task<> run(std::unique_ptr<io_stream> stream, peer from, place held);
    void close_listeners() noexcept;

    shard& owner;
    const router& routes;
    server_limits limits;
    logger log;
    std::list<acceptor_of<tcp>> tcp_listeners;
    std::list<unix_listener> unix_listeners;
    std::list<connection*> active;
    std::size_t places = 0;
    bool draining = false;
    task_group group; // last: it dies first
};

template <class Protocol>
task<> server::impl::accept_from(acceptor_of<Protocol>& acceptor) {
    while (acceptor.is_open()) {
        auto [error, socket] = co_await acceptor.async_accept(use_tuple);
        if (!error) {
            admit<Protocol>(std::move(socket));
        } else if (acceptor.is_open()) {
            // No descriptors are left, or the peer has gone. The backlog keeps those who wait.
            log.warn("http.accept_failed", {{"error", error.message()}});
            co_await owner.sleep_for(accept_pause);
        }
    }
}

template <class Protocol>
void server::impl::admit(socket_of<Protocol> socket) {
    if (places < limits.connections_max) {
        auto from = peer_of(socket);
        group.spawn(run(std::make_unique<socket_stream<Protocol>>(std::move(socket)),
                        std::move(from), place(places)));
        return;
    }
    // The socket's buffer is empty, so that this small answer fits at once or not at all.
    const auto full = problem({errc::busy, "The server has all the connections that it may have."});
    const auto text = head_of(full, owner.wall_now(), full.body.size(), false, false) + full.body;
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text), ignored);
    log.warn("http.connection_refused", {{"connections", std::uint64_t{places}}});
}

task<> server::impl::run(std::unique_ptr<io_stream> stream, peer from, place /*held*/) {
    if (draining) co_return; // accepted in the last moment
    connection one(owner, *stream, routes, limits, std::move(from), log);
    struct listed {
        std::list<connection*>& in;
        std::list<connection*>::iterator where;
        ~listed() { in.erase(where); }
    } const here{active, active.insert(active.end(), &one)};
    try {
        co_await one.serve();
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        log.error("http.connection_failed", {{"error", e.code().message()}});
    } catch (const std::exception& e) {
        // One connection's failure, a lack of memory for one, is not the server's.
        log.error("http.connection_failed", {{"error", e.what()}});
    }
}

void server::impl::close_listeners() noexcept {
    for (auto& each : tcp_listeners) {
        error_code ignored;
        each.close(ignored);
    }
    for (auto& each : unix_listeners) each.close();
}

server::server(shard& owner, const router& routes, server_limits limits, logger log)
    : impl_(std::make_unique<impl>(owner, routes, limits, std::move(log))) {}

server::~server() {
    impl_->close_listeners();
}

result<void> server::listen_unix(const std::string& path, unsigned mode) {
    auto made = listen_on(impl_->owner, path, mode);
    if (!made) return made.error();
    impl_->unix_listeners.push_back(std::move(*made));
    return {};
}

result<void> server::listen_tcp(const std::string& address) {
    const auto where = parse_address(address);
    if (!where) return where.error();
    auto made = listen_on(impl_->owner, *where);
    if (!made) return made.error();
    impl_->tcp_listeners.push_back(std::move(*made));
    return {};
}

std::string server::bound_address() const {
    if (impl_->tcp_listeners.empty()) return {};
    error_code error;
    const auto address = impl_->tcp_listeners.front().local_endpoint(error);
    return error ? std::string{} : text_of(address);
}

void server::start() {
    for (auto& each : impl_->tcp_listeners) {
        impl_->group.spawn(impl_->accept_from<tcp>(each));
    }
    for (auto& each : impl_->unix_listeners) {
        impl_->group.spawn(impl_->accept_from<unix_stream>(each.acceptor));
    }
}

task<> server::stop(nanoseconds grace) {
    impl_->draining = true;
    impl_->close_listeners();
    for (auto* each : impl_->active) each->drain();
    const deadline_guard patience(impl_->owner, impl_->owner.now() + grace,
                                  [group = &impl_->group] { group->cancel(); });
    co_await impl_->group.join();
}

std::size_t server::connections() const noexcept {
    return impl_->places;
}

} // namespace rollcall::http
