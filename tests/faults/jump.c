/* Moves the wall clock of the processes that load it (LD_PRELOAD), and leaves every other clock
 * alone. The offset, a 64-bit number of seconds, stands in the file that JUMP_FILE names; it is
 * mapped, so that a jump is seen at once. Built and used by network_faults.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const int64_t none = 0;

static int64_t offset(void)
{
    static volatile const int64_t *mapped;
    if (mapped == NULL) {
        const char *name = getenv("JUMP_FILE");
        int descriptor = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
        void *found = descriptor < 0 ? MAP_FAILED
            : mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, descriptor, 0);
        mapped = found == MAP_FAILED ? &none : found;
    }
    return *mapped;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += offset();
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now)
{
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (now != NULL)
        *now = precise.tv_sec;
    return precise.tv_sec;
}
