/* SPDX-License-Identifier: Apache-2.0
 *
 * Moves the wall clock of one process, live: CLOCK_REALTIME is the machine's plus the seconds that stand in a
 * mapped file (FAKECLOCK, eight bytes, native order). Every other clock is left alone, as a wrong date leaves it.
 * A deadline that a caller computed from the moved clock is moved back before the kernel sees it; otherwise a
 * thread would wait for years, or not at all, which no wrong date does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;

__attribute__((constructor)) static void map_shift(void)
{
    const char *path = getenv("FAKECLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED)
        shift = page;
    close(file);
}

static int64_t moved_by(void) { return shift ? *shift : 0; }

static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    /* The system call itself: dlsym may ask for the time before it is ready to be asked. */
    static long (*call)(long, ...);
    if (!call)
        call = next("syscall");
    long failed = call(SYS_clock_gettime, clock, at);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        at->tv_sec += moved_by();
    return (int)failed;
}

time_t time(time_t *out)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    if (out)
        *out = at.tv_sec;
    return at.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec at;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &at);
    out->tv_sec = at.tv_sec;
    out->tv_usec = at.tv_nsec / 1000;
    return 0;
}

int timespec_get(struct timespec *at, int base)
{
    return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, at) ? base : 0;
}

/* --- deadlines ---------------------------------------------------------------------------------- */

static struct timespec back(const struct timespec *deadline)
{
    struct timespec real = *deadline;
    real.tv_sec -= moved_by();
    if (real.tv_sec < 0)
        real.tv_sec = 0; /* long past, and never an invalid argument */
    return real;
}

int sem_timedwait(sem_t *restrict one, const struct timespec *restrict deadline)
{
    static int (*call)(sem_t *, const struct timespec *);
    if (!call)
        call = next("sem_timedwait");
    struct timespec real = back(deadline);
    return call(one, &real);
}

int sem_clockwait(sem_t *restrict one, clockid_t clock, const struct timespec *restrict deadline)
{
    static int (*call)(sem_t *, clockid_t, const struct timespec *);
    if (!call)
        call = next("sem_clockwait");
    struct timespec real = clock == CLOCK_REALTIME ? back(deadline) : *deadline;
    return call(one, clock, &real);
}

long syscall(long number, ...)
{
    static long (*call)(long, ...);
    va_list list;
    long a[6];
    va_start(list, number);
    for (int at = 0; at < 6; at++)
        a[at] = va_arg(list, long);
    va_end(list);
    if (!call)
        call = next("syscall");
    struct timespec real;
    if (number == SYS_futex && a[3] && (a[1] & FUTEX_CLOCK_REALTIME)) {
        real = back((const struct timespec *)a[3]);
        a[3] = (long)&real;
    }
    return call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
