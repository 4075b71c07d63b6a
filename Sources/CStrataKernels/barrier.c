// A barrier for a team that meets every few microseconds: it spins first, and parks when that is
// in vain.
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "include/strata_kernels.h"

// How long a worker spins: longer than a step of a small layer takes, shorter than a time slice. By the
// clock, since how long a pause takes depends on the processor: on one it may be nothing.
enum { SPIN_NANOSECONDS = 50000, PAUSES_BETWEEN_CLOCKS = 64 };

// Arrivals write one line while waiters read another, so that an arrival does not disturb them.
struct sk_barrier {
    alignas(64) atomic_long arrived;
    long workers;
    alignas(64) atomic_ulong generation;
    alignas(64) atomic_long parked;
    pthread_mutex_t mutex;
    pthread_cond_t opened;
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

long sk_barrier_size(void) { return sizeof(sk_barrier); }

void sk_barrier_init(sk_barrier *b, long workers) {
    atomic_init(&b->arrived, 0);
    atomic_init(&b->generation, 0);
    atomic_init(&b->parked, 0);
    b->workers = workers;
    pthread_mutex_init(&b->mutex, NULL);
    pthread_cond_init(&b->opened, NULL);
}

void sk_barrier_destroy(sk_barrier *b) {
    pthread_cond_destroy(&b->opened);
    pthread_mutex_destroy(&b->mutex);
}

static void open_barrier(sk_barrier *b, unsigned long generation) {
    atomic_store_explicit(&b->arrived, 0, memory_order_relaxed);
    // Sequentially consistent, as is the parking worker's side: either it sees the new generation,
    // or this sees it parked.
    atomic_store(&b->generation, generation + 1);
    if (atomic_load(&b->parked) == 0) return;
    pthread_mutex_lock(&b->mutex);
    pthread_cond_broadcast(&b->opened);
    pthread_mutex_unlock(&b->mutex);
}

static void park(sk_barrier *b, unsigned long generation) {
    pthread_mutex_lock(&b->mutex);
    atomic_fetch_add(&b->parked, 1);
    while (atomic_load(&b->generation) == generation) pthread_cond_wait(&b->opened, &b->mutex);
    atomic_fetch_sub(&b->parked, 1);
    pthread_mutex_unlock(&b->mutex);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Waits for the barrier to open, but not for long; returns whether it did.
static bool spin(sk_barrier *b, unsigned long generation) {
    // The clock is not read before the first pauses are over, as most waits are shorter.
    int64_t end = 0;
    do {
        for (int i = 0; i < PAUSES_BETWEEN_CLOCKS; i++) {
            if (atomic_load_explicit(&b->generation, memory_order_acquire) != generation) return true;
            pause_briefly();
        }
        if (end == 0) end = now() + SPIN_NANOSECONDS;
    } while (now() < end);
    return false;
}

void sk_barrier_wait(sk_barrier *b) {
    if (b->workers <= 1) return;
    // Cannot change before this worker arrives, so it needs no order of its own.
    unsigned long generation = atomic_load_explicit(&b->generation, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&b->arrived, 1, memory_order_acq_rel) == b->workers - 1) {
        open_barrier(b, generation);
        return;
    }
    if (!spin(b, generation)) park(b, generation);
}
