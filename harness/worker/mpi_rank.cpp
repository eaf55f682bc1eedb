#include "harness/worker/mpi_rank.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "harness/protocol/codec.hpp"

namespace geomsu::worker {
namespace {
using namespace protocol;

constexpr std::chrono::milliseconds kBeat{100};
constexpr std::chrono::microseconds kSoon{50}, kLater{500};  // how often a command is looked for
constexpr int kSoonTurns = 2000;

void send_beats(std::stop_token stop, Link& link, Session& session, const std::atomic<bool>& open) {
  std::mutex mutex;
  std::condition_variable_any never;
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    link.send(0, Tag::kBeat, encode_notification(open.load() ? session.telemetry_note() : TelemetryNote{}));
    const auto now = std::chrono::steady_clock::now();
    while (next <= now) next += kBeat;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, next, [] { return false; });
  }
}

Link::Received next_command(Link& link) {
  for (int turn = 0;; ++turn) {
    if (auto received = link.try_receive(Tag::kCommand)) return std::move(*received);
    std::this_thread::sleep_for(turn < kSoonTurns ? kSoon : kLater);
  }
}

}  // namespace

std::string packed(const Head& head, std::string_view line) {
  std::string bytes(sizeof head, '\0');
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes.append(line);
}

Head unpacked(std::string_view bytes, std::string_view& line) {
  Head head;
  if (bytes.size() < sizeof head) throw std::runtime_error("a message of this job has no head");
  std::memcpy(&head, bytes.data(), sizeof head);
  line = bytes.substr(sizeof head);
  return head;
}

void run_rank(Link& link, Session& session, std::int64_t patience_ns) {
  std::atomic<bool> open = false;
  std::jthread beats([&](std::stop_token stop) { send_beats(std::move(stop), link, session, open); });
  while (!session.finished()) {
    const Link::Received command = next_command(link);
    std::string_view line;
    Head head = unpacked(command.bytes, line);
    if (head.kind == CommandKind::kEnd) return;
    std::string answer;
    if (head.kind == CommandKind::kChunk) {
      session.load_chunk();
    } else {
      // The line was read once already, by rank 0: it is a request.
      const auto request = std::get<IncomingRequest>(decode_request(line)).request;
      if (std::holds_alternative<OpenRequest>(request)) {
        Peers peers = link.peers(patience_ns);
        peers.first_rank = head.first_rank;
        peers.ranks = head.ranks;
        if (!session.devices_open()) session.join(std::move(peers));
      }
      answer = encode_result(head.id, session.handle(request));
      open = session.devices_open();
    }
    head.wants_chunk = session.load_wants_chunk() ? 1 : 0;
    link.send(0, Tag::kAnswer, packed(head, answer));
  }
}

}  // namespace geomsu::worker
