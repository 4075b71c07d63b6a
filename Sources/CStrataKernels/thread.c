// Threads without an owner.
#include <pthread.h>

#include "include/strata_kernels.h"

bool sk_start_thread(void *(*body)(void *), void *context) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_attr_setstacksize(&attributes, 1 << 20);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    bool is_started = pthread_create(&thread, &attributes, body, context) == 0;
    pthread_attr_destroy(&attributes);
    return is_started;
}
