#include "rollcall/http/egress_fault.hpp"

namespace rollcall::http {
namespace {

const char* text_of(egress_fault fault) noexcept {
    switch (fault) {
        case egress_fault::cannot_bind: return "the egress address is not this machine's";
        case egress_fault::wrong_family: return "the host has no address of the egress family";
        case egress_fault::cannot_leave: return "the egress address does not lead to the host";
    }
    return "the egress address cannot be used";
}

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "rollcall.egress"; }
    std::string message(int value) const override {
        return text_of(static_cast<egress_fault>(value));
    }
};

} // namespace

const boost::system::error_category& egress_category() noexcept {
    static const category instance;
    return instance;
}

std::optional<egress_fault> egress_fault_of(const boost::system::error_code& code) noexcept {
    if (code.category() != egress_category() || !code.failed()) return {};
    return static_cast<egress_fault>(code.value());
}

std::string explain(egress_fault fault, const endpoint& to) {
    const auto& from = to.source_address;
    const bool is_v6 = from.find(':') != std::string::npos;
    const auto none = "no call leaves from the egress address " + from + ": ";
    switch (fault) {
        case egress_fault::cannot_bind:
            return none +
                   "this machine cannot bind it; give it to a network interface or take it out of "
                   "sync.egress_addresses";
        case egress_fault::wrong_family:
            return none + "it is IPv" + (is_v6 ? "6" : "4") + " and " + to.host +
                   " has no such address; take it out of sync.egress_addresses or check base_url";
        case egress_fault::cannot_leave: break;
    }
    return none + "this machine sends nothing from it to " + to.host +
           "; check its routes or take it out of sync.egress_addresses";
}

} // namespace rollcall::http
