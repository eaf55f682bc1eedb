// collective among several CPU devices of this process: each rank's threads read what the others send where it lies,
// and write what is wanted where it is wanted. A prepared one, its buffers and its runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/crew.hpp"
#include "kernels/cpu/exchange.hpp"
#include "kernels/cpu/mailbox.hpp"
#include "kernels/cpu/rendezvous.hpp"
#include "kernels/cpu/shares.hpp"
#include "kernels/cpu/span.hpp"
#include "kernels/ops/collective.hpp"

namespace geomsu::cpu {

class Collective {
 public:
  struct Grant {
    std::uint64_t memory_bytes = 0;  // that the group may take
    std::uint64_t operand_sets = 1;  // asked for; fewer are kept where they do not fit
    ops::Isa isa = ops::best_isa();
  };
  // Failure INVALID_ARGUMENT where `ranks` is not the crew's, UNSUPPORTED for an algorithm by name, OUT_OF_MEMORY
  // before anything is taken.
  Collective(const ops::CollectiveShape& shape, Crew& crew, const Grant& grant);
  virtual ~Collective() = default;
  Collective(const Collective&) = delete;
  Collective& operator=(const Collective&) = delete;

  void reseed(std::uint64_t seed);  // each rank's threads fill what the rank sends

  // A submission of `repeats`, numbered on from those before it. Lives until it is done.
  class Run final : public Task {
   public:
    Run(Collective& owner, std::uint64_t repeats);  // Failure before the first reseed
    const Span& span(std::uint32_t rank) const { return spans_[rank].span; }

   protected:
    void do_run(const Seat& seat) override;
    void do_stop() override { owner_.meeting_.stop(); }

   private:
    struct alignas(kApart) OfRank {
      Span span;
    };
    Collective& owner_;
    std::uint64_t first_ = 0, count_;
    std::vector<OfRank> spans_;
  };
  void post(Run& run) { crew_.post(run); }
  // False: not done by then. Rethrows what a rank threw; the buffers are to be reseeded then.
  bool wait(Run& run, std::uint64_t timeout_ns);

  // As the ABI's slots of these names; a rank without output (reduce, but for the root) has no tensor 0, one that sends
  // nothing (broadcast) no tensor 1: INVALID_ARGUMENT.
  void read(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat, std::span<const std::uint64_t> indices,
            double* out);
  double project(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat, std::uint64_t seed);
  std::uint64_t digest(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat);

  std::uint32_t ranks() const { return shape_.ranks; }
  std::uint64_t memory_bytes() const { return memory_bytes_; }
  std::uint64_t operand_sets() const { return sets_; }
  const std::string& algorithm() const { return algorithm_; }

 protected:
  // One seat's part of one repeat where buffers are read and written directly. Virtual so that tests can bend it.
  virtual void do_share(const Seat& seat, std::uint64_t repeat);
  // A tensor's bytes in a set; for tests that spoil them, too.
  std::span<std::byte> bytes(std::uint32_t tensor, std::uint32_t rank, std::uint64_t set);
  const std::atomic<bool>& stopped() const { return meeting_.stopped(); }

 private:
  struct Side {  // what a rank sends, or what it has afterwards: set after set
    std::byte* start = nullptr;
    std::uint64_t stride = 0, elements = 0;
  };
  struct Rank {
    std::vector<Buffer> buffers;
    Side sent, received;
  };
  struct Place {  // of a seat
    std::vector<Piece> pieces;
    std::vector<const void*> from;
    std::vector<void*> to;
  };

  void lay_out(const Grant& grant);
  void assign_seats();
  void touch();
  void run(const Seat& seat, std::uint64_t first, std::uint64_t count, Span& span);
  bool repeat_directly(const Seat& seat, std::uint64_t repeat);
  bool repeat_by_mail(const Seat& seat, std::uint64_t repeat);
  void check(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat) const;
  const Side& side(std::uint32_t tensor, std::uint32_t rank) const;

  ops::CollectiveShape shape_;
  Crew& crew_;
  std::uint64_t element_bytes_ = 0, sets_ = 1, memory_bytes_ = 0;
  std::vector<std::uint32_t> widths_;  // seats of each rank that work
  bool by_mail_ = false, past_caches_ = false;
  Exchange exchange_ = nullptr;
  std::string algorithm_;
  std::vector<Rank> ranks_;
  std::vector<Place> places_;  // by Seat::index
  Rendezvous meeting_;
  Mailbox mailbox_;
  std::uint64_t repeats_ = 0;  // since the last reseed
  bool seeded_ = false;
};

}  // namespace geomsu::cpu
