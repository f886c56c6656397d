// PeopleHR as a source of employees: one POST to {base_url}/Employee for each fetch.
#pragma once
#include <cstddef>
#include <memory>

#include "rollcall/http/client.hpp"
#include "rollcall/sync/people_source.hpp"

namespace rollcall::peoplehr {

struct source_options {
    http::client_options http; // deadlines, size limit, user agent
    std::size_t concurrent_max =
        8; // answers in memory at once; further fetches wait for one to be done
    std::size_t rows_per_slice = 256; // decoded before others on the shard get their turn; 0.5 ms
    std::size_t kept_bytes =
        8u << 20; // of a body buffer; what a larger answer needed is given back
};

// Belongs to one shard. No fetch may be running when it dies.
//
// The API key is in clear only in the request while it is sent, and a body only from its arrival
// until it is decoded; both are overwritten at the end, also of a cancelled fetch. Neither is
// logged, and no detail of a report quotes them.
class source final : public sync::people_source {
  public:
    source(shard& owner, http::connector& network, source_options options);
    ~source() override;
    source(const source&) = delete;
    source& operator=(const source&) = delete;

    // As the port says; besides that invalid_argument for a base_url or key that cannot be sent.
    [[nodiscard]] task<sync::fetch_report> fetch(const sync::fetch_request& what,
                                                 sync::row_sink& rows) override;

    // On drain, and when the certificate settings change.
    void close_idle() noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::peoplehr
