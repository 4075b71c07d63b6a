// Threads without an owner.
#include <pthread.h>

#include "include/strata_kernels.h"

// Enough for kernels that are not optimised, too: all that they inline has a place of its own then, which under a
// thread sanitizer takes more than 1 MiB.
enum { STACK_BYTES = 4 << 20 };

bool sk_start_thread(void *(*body)(void *), void *context) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    bool is_started = pthread_create(&thread, &attributes, body, context) == 0;
    pthread_attr_destroy(&attributes);
    return is_started;
}
