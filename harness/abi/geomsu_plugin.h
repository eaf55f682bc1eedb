/* geomsu plug-in ABI, version 1.0.
 *
 * A plug-in computes; the host measures. The host owns the plan, the sampling, the clocks it believes, the verification
 * and the verdict. A plug-in is one shared library that exports one function, geomsu_plugin_query.
 *
 * Platform: LP64, little-endian (x86-64, aarch64) only. C11 or C++20.
 *
 * Rules that hold at every slot
 *  - Every struct that crosses begins with {struct_size, next}. The writer of a struct sets struct_size to the size it
 *    knows; the reader accepts any struct_size >= the 1.0 minimum and reads a later field only if struct_size covers
 *    it. Fields are appended, never moved, removed or given another unit. `next` is NULL but where a slot says else.
 *  - No C enum, bool, bit-field or size_t in a struct; integers have fixed width.
 *  - A function returns geomsu_error*: NULL is success. The plug-in makes the error, the host destroys it through the
 *    table. If making the error fails for lack of memory, return a static error: NULL would read as success.
 *  - What is handed in is copied before the call returns. Strings are UTF-8, NUL-terminated. Text handed out lives
 *    until the object that gave it is destroyed.
 *  - create/destroy come in pairs; children die before parents: event, workload, group, device, instance.
 *  - No exception, no STL type, no FILE* and no ownership of memory crosses. No exit(), no abort(), no signal handler.
 *  - Threads: every slot is called from one thread of the host (the submission thread), but for `telemetry`, which may
 *    be called from one second thread at any time while its device is open, and `query`, `error_*`, from any thread.
 *  - An unknown number is NaN, an unknown text is NULL or empty, an unknown counter is GEOMSU_UNKNOWN: never 0.
 */
#ifndef GEOMSU_PLUGIN_H
#define GEOMSU_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GEOMSU_ABI_MAJOR 1u
#define GEOMSU_ABI_MINOR 0u

#define GEOMSU_UNKNOWN UINT64_MAX

/* Error codes. UNSUPPORTED is an answer, not a fault. DEVICE_LOST is sticky: every later call on that device returns
 * it. */
#define GEOMSU_INVALID_ARGUMENT 1u
#define GEOMSU_UNSUPPORTED 2u
#define GEOMSU_OUT_OF_MEMORY 3u
#define GEOMSU_DEVICE_LOST 4u
#define GEOMSU_TIMEOUT 5u
#define GEOMSU_INTERNAL 6u

/* Clock domains: HOST ticks are CLOCK_MONOTONIC_RAW nanoseconds of the host; DEVICE ticks are the device's own. */
#define GEOMSU_CLOCK_HOST 1u
#define GEOMSU_CLOCK_DEVICE 2u

/* Throttle bits of geomsu_telemetry.throttle. */
#define GEOMSU_THROTTLE_THERMAL 1u
#define GEOMSU_THROTTLE_POWER 2u
#define GEOMSU_THROTTLE_HARDWARE 4u
#define GEOMSU_THROTTLE_OTHER 8u

/* Tensors of an operation are numbered by kernels/ops/GENERATOR.md; 0 is always the output that is verified. */
#define GEOMSU_TENSOR_OUTPUT 0u

typedef struct geomsu_error geomsu_error;
typedef struct geomsu_instance geomsu_instance;
typedef struct geomsu_device geomsu_device;
typedef struct geomsu_group geomsu_group;
typedef struct geomsu_workload geomsu_workload;
typedef struct geomsu_event geomsu_event;

/* What the host offers. `log` may be NULL; level 0 debug, 1 info, 2 warning, 3 error. */
typedef struct geomsu_host {
  uint64_t struct_size;
  const void* next;
  uint32_t abi_major;
  uint32_t abi_minor;
  void* user;
  void (*log)(void* user, uint32_t level, const char* text);
} geomsu_host;

/* One setting, as text, of an instance, a group or a workload: {"m", "8192"}. */
typedef struct geomsu_param {
  const char* key;
  const char* value;
} geomsu_param;

typedef struct geomsu_params {
  uint64_t struct_size;
  const void* next;
  const geomsu_param* items;
  uint64_t count;
} geomsu_params;

/* What `next` of group_create's parameters points at where the group spans several processes; NULL where it does not.
 * Each process brings its own devices, ranks first_rank to first_rank + count - 1 of the group, and answers for those
 * ranks only. `all_gather` is the host's, out of band and slow: each of `processes` brings `bytes` bytes and finds all
 * in `all`, in the processes' order (an NCCL unique id comes about so). 0 is success. Call it from group_create only,
 * on every process alike. */
typedef struct geomsu_peers {
  uint64_t struct_size;
  const void* next;
  uint32_t process; /* this one's place among `processes` */
  uint32_t processes;
  uint32_t first_rank;
  uint32_t ranks; /* of the whole group */
  void* user;
  uint32_t (*all_gather)(void* user, const void* mine, uint64_t bytes, void* all);
} geomsu_peers;

/* Identity and datasheet of one device. The host sets struct_size and zeroes the rest; texts live as long as the
 * instance. */
typedef struct geomsu_description {
  uint64_t struct_size;
  const void* next;
  const char* name; /* "Intel Xeon Platinum 8480+, cores 0-27" */
  const char* vendor;
  const char* uuid;        /* unique, stable over reboots */
  const char* serial;      /* as printed on the part; NULL where it cannot be read */
  const char* pci_address; /* "0000:17:00.0" or NULL */
  const char* driver;      /* driver or runtime version */
  const char* firmware;
  const char* partition;    /* MIG or similar; NULL = the whole device */
  uint64_t memory_bytes;    /* GEOMSU_UNKNOWN if unknown */
  uint64_t pcie_generation; /* current link; GEOMSU_UNKNOWN if unknown */
  uint64_t pcie_width;
  const geomsu_param*
      attributes; /* further facts worth keeping, e.g. {"peak.fp32", "3.2e12"}, {"peak.source", "..."}; {"kind", "host"}
                     says that the device is the host's own processor: any other may not keep the host busy;
                     {"finding.<code>", "words"} is a finding at the start, of a-z, 0-9 and _: {"finding.ecc_off", "ECC
                     is off"}. The verdict and `geomsu devices` show it with the unit; it decides nothing */
  uint64_t attribute_count;
} geomsu_description;

/* How the device's clock counts. The host proves the rate itself and never believes it. */
typedef struct geomsu_clock_info {
  uint64_t struct_size;
  const void* next;
  uint64_t ticks_per_second;
  uint32_t valid_bits; /* the counter wraps beyond these; 1..64 */
  uint32_t domain;     /* GEOMSU_CLOCK_HOST or GEOMSU_CLOCK_DEVICE */
} geomsu_clock_info;

/* A reading of the device. NaN or GEOMSU_UNKNOWN where the device cannot say. */
typedef struct geomsu_telemetry {
  uint64_t struct_size;
  const void* next;
  double power_w;
  double energy_j;      /* counter since some start */
  double temperature_c; /* hottest sensor of the device */
  double memory_temperature_c;
  double clock_mhz; /* of the compute units */
  double memory_clock_mhz;
  double memory_used_bytes;
  double foreign_load;      /* share of the device used by others, 0..1 */
  uint64_t throttle;        /* bits above, as they stand now */
  uint64_t throttle_events; /* counter */
  uint64_t ecc_corrected;   /* counter */
  uint64_t ecc_uncorrected; /* counter */
  uint64_t link_replays;    /* counter */
  uint64_t fault_events;    /* counter: XID and the like */
} geomsu_telemetry;

/* Ticks of one block on one rank. `first`/`last` are the start of the first and the end of the last repeat. The host
 * may hand in room for single repeats: `repeat_ends` (NULL or `repeat_room` entries) receives end ticks, `repeat_count`
 * how many. */
typedef struct geomsu_span {
  uint64_t struct_size;
  const void* next;
  uint64_t first;
  uint64_t last;
  uint64_t* repeat_ends;
  uint64_t repeat_room;
  uint64_t repeat_count;
} geomsu_span;

/* What a prepared workload holds. */
typedef struct geomsu_workload_info {
  uint64_t struct_size;
  const void* next;
  uint64_t memory_bytes; /* device memory taken, all sets */
  /* Sets kept. Repeat i writes the output of set i mod operand_sets and accumulates where i >= operand_sets; which
   * sets' inputs it takes then is the operation's (gemm pairs them anew each round: GENERATOR.md). */
  uint64_t operand_sets;
  const char* algorithm;  /* which implementation was chosen: library, version, kernel id */
  uint32_t deterministic; /* 1: equal seeds give equal bits */
  uint32_t refill;        /* 1: `reseed` belongs before every block; 2: once a trial (state runs on over blocks) */
} geomsu_workload_info;

#define GEOMSU_REFILL_BLOCK 1u
#define GEOMSU_REFILL_TRIAL 2u

typedef struct geomsu_plugin {
  uint64_t struct_size;
  const void* next;
  uint32_t abi_major;
  uint32_t abi_minor;
  const char* name; /* short, lower case: "cpu" */
  const char* version;
  const char* simulated; /* NULL for a real backend; "fake" or "emulated" otherwise: such evidence is never accepted */

  /* Errors. Any thread. */
  uint32_t (*error_code)(const geomsu_error* error);
  const char* (*error_message)(const geomsu_error* error); /* what, where, why, what next */
  void (*error_destroy)(geomsu_error* error);

  /* Instance: looks for devices. Parameters are the site's, e.g. {"devices", "2"} for the CPU backend. */
  geomsu_error* (*instance_create)(const geomsu_params* params, geomsu_instance** out);
  void (*instance_destroy)(geomsu_instance* instance);
  geomsu_error* (*device_count)(geomsu_instance* instance, uint32_t* out);
  geomsu_error* (*describe)(geomsu_instance* instance, uint32_t index, geomsu_description* out);

  /* Device: opening takes the cores, contexts or queues it needs. */
  geomsu_error* (*device_open)(geomsu_instance* instance, uint32_t index, geomsu_device** out);
  void (*device_close)(geomsu_device* device);
  geomsu_error* (*clock_info)(geomsu_device* device, geomsu_clock_info* out);
  geomsu_error* (*device_clock)(geomsu_device* device, uint64_t* ticks); /* now, in the declared clock */
  geomsu_error* (*telemetry)(geomsu_device* device, geomsu_telemetry* out);

  /* Group: ordered devices of this process that work together; a single device is a group of one. `next` of the
   * parameters: geomsu_peers, where other processes have a part in it. */
  geomsu_error* (*group_create)(geomsu_device* const* devices, uint32_t count, const geomsu_params* params,
                                geomsu_group** out);
  void (*group_destroy)(geomsu_group* group);

  /* Workload. Preparing is the capability question: GEOMSU_UNSUPPORTED with a reason is the answer no. All memory is
   * taken here; nothing is allocated between submit and the end of event_wait. Parameters: those of the operation, and
   * {"operand_sets", N}: how many sets the host wants (fewer may be kept; workload_info says). */
  geomsu_error* (*workload_prepare)(geomsu_group* group, const char* op, const geomsu_params* params,
                                    geomsu_workload** out);
  void (*workload_release)(geomsu_workload* workload);
  geomsu_error* (*workload_info)(geomsu_workload* workload, geomsu_workload_info* out);
  geomsu_error* (*reseed)(geomsu_workload* workload, uint64_t seed); /* refill the inputs from the generator; blocks */

  /* submit never blocks. Repeats of one submission run back to back. Repeats are counted from 0 anew after each reseed.
   * 0 repeats is a submission too: it does no work and ends at once, and the host learns by it what submitting costs.
   */
  geomsu_error* (*submit)(geomsu_workload* workload, uint64_t repeats, geomsu_event** out);
  geomsu_error* (*event_wait)(geomsu_event* event,
                              uint64_t timeout_ns); /* GEOMSU_TIMEOUT where it is not done by then */
  geomsu_error* (*event_span)(geomsu_event* event, uint32_t rank, geomsu_span* out);
  void (*event_destroy)(geomsu_event* event);

  /* Verification, on the very buffers that were timed. `repeat` names the operand set (repeat mod operand_sets). */
  geomsu_error* (*read)(geomsu_workload* workload, uint32_t tensor, uint32_t rank, uint64_t repeat,
                        const uint64_t* indices, uint64_t count, double* out);
  /* The product of the tensor with the vector of +1 and -1 that the generator makes of `seed`, along its last
   * dimension: an (rows x cols) tensor gives `rows` numbers. `room` is the length of `out`; `count` receives how many
   * were written. */
  geomsu_error* (*project)(geomsu_workload* workload, uint32_t tensor, uint32_t rank, uint64_t repeat, uint64_t seed,
                           double* out, uint64_t room, uint64_t* count);
  geomsu_error* (*digest)(geomsu_workload* workload, uint32_t tensor, uint32_t rank, uint64_t repeat, uint64_t* out);

  /* Optional features by id; NULL where the plug-in does not have it. */
  const void* (*extension)(geomsu_instance* instance, const char* id);
} geomsu_plugin;

/* Extension "geomsu.scripted_time": simulated plug-ins only. The worker takes this as the host's clock. */
#define GEOMSU_EXTENSION_SCRIPTED_TIME "geomsu.scripted_time"
typedef struct geomsu_scripted_time {
  uint64_t struct_size;
  const void* next;
  uint64_t (*now_ns)(geomsu_instance* instance);
  void (*advance_ns)(geomsu_instance* instance, uint64_t ns);
} geomsu_scripted_time;

/* The one exported function. NULL: this host's version cannot be served. The table lives as long as the library. */
#if defined(_WIN32)
#error "geomsu plug-ins are ELF shared objects on LP64 Linux"
#endif
#define GEOMSU_EXPORT __attribute__((visibility("default")))
GEOMSU_EXPORT const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host);
typedef const geomsu_plugin* (*geomsu_plugin_query_fn)(const geomsu_host* host);

/* The layout of 1.0, frozen. */
#ifdef __cplusplus
#define GEOMSU_ASSERT_LAYOUT(condition) static_assert(condition, #condition)
#else
#define GEOMSU_ASSERT_LAYOUT(condition) _Static_assert(condition, #condition)
#endif
#define GEOMSU_HOST_MIN_SIZE 40u
#define GEOMSU_PARAMS_MIN_SIZE 32u
#define GEOMSU_PEERS_MIN_SIZE 48u
#define GEOMSU_DESCRIPTION_MIN_SIZE 120u
#define GEOMSU_CLOCK_INFO_MIN_SIZE 32u
#define GEOMSU_TELEMETRY_MIN_SIZE 128u
#define GEOMSU_SPAN_MIN_SIZE 56u
#define GEOMSU_WORKLOAD_INFO_MIN_SIZE 48u
#define GEOMSU_PLUGIN_MIN_SIZE 256u
GEOMSU_ASSERT_LAYOUT(sizeof(void*) == 8 && sizeof(long) == 8);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_host) >= GEOMSU_HOST_MIN_SIZE && offsetof(geomsu_host, log) == 32);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_params) >= GEOMSU_PARAMS_MIN_SIZE && offsetof(geomsu_params, count) == 24);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_peers) >= GEOMSU_PEERS_MIN_SIZE && offsetof(geomsu_peers, all_gather) == 40);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_description) >= GEOMSU_DESCRIPTION_MIN_SIZE &&
                     offsetof(geomsu_description, memory_bytes) == 80 &&
                     offsetof(geomsu_description, attribute_count) == 112);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_clock_info) >= GEOMSU_CLOCK_INFO_MIN_SIZE &&
                     offsetof(geomsu_clock_info, domain) == 28);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_telemetry) >= GEOMSU_TELEMETRY_MIN_SIZE &&
                     offsetof(geomsu_telemetry, throttle) == 80 && offsetof(geomsu_telemetry, fault_events) == 120);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_span) >= GEOMSU_SPAN_MIN_SIZE && offsetof(geomsu_span, repeat_count) == 48);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_workload_info) >= GEOMSU_WORKLOAD_INFO_MIN_SIZE &&
                     offsetof(geomsu_workload_info, refill) == 44);
GEOMSU_ASSERT_LAYOUT(sizeof(geomsu_plugin) >= GEOMSU_PLUGIN_MIN_SIZE && offsetof(geomsu_plugin, error_code) == 48 &&
                     offsetof(geomsu_plugin, extension) == 248);

#ifdef __cplusplus
}
#endif
#endif
