// SPDX-License-Identifier: Apache-2.0
// Stands between a process and its disk (LD_PRELOAD), for files under one folder only.
//
//   FAULTFS_PREFIX   the folder
//   FAULTFS_LOG      file that every write, sync, truncate, creation, rename and unlink is appended to
//   FAULTFS_TELLS    set: a full disk says so when it is asked for its room
//   FAULTFS_CONTROL  file mapped as struct control: which operation fails, how, and what happened
//
// A record of the log is: op u8, thread u32, inode u64, offset u64, length u64, path length u16, path, data
// (data: what was written; of a rename, the new path). A sync has two records, 's' when it begins and 'S' when
// it has returned: only what was written before 's' is sure. 'F' is a sync that failed, 'K' that its process died
// of it. Records of one inode are in the order in which the
// operations took effect, because writing and recording happen under one lock.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

enum mode { NONE, FULL, DEVICE, SHORT, SYNC, KILL, DIES };

struct control {
    uint64_t mode;      // enum mode
    uint64_t next;      // number of the next operation that fails
    uint64_t step;      // distance to the one after it, of syncs on average; 0: none
    uint64_t lasts;     // so many operations in a row fail
    uint64_t count;     // operations so far; while syncs fail: syncs
    uint64_t hits;      // operations that failed
    uint64_t resyncs;   // syncs of a handle whose last sync had failed, with nothing written anew since
    uint64_t syncs;     // syncs that succeeded
};

struct handle {
    char *path;
    uint64_t inode;
    int sync_failed;    // and nothing was written through this handle since
};

#define HANDLES 4096
static struct handle handles[HANDLES];
static struct control nothing, *control = &nothing;
static const char *prefix;
static size_t prefix_length;
static int log_handle = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static ssize_t raw_write(int fd, const void *data, size_t length) { return syscall(SYS_write, fd, data, length); }

__attribute__((constructor)) static void begin(void) {
    const char *log_path = getenv("FAULTFS_LOG"), *control_path = getenv("FAULTFS_CONTROL");
    prefix = getenv("FAULTFS_PREFIX");
    prefix_length = prefix ? strlen(prefix) : 0;
    if (log_path)
        log_handle = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (control_path) {
        int fd = syscall(SYS_openat, AT_FDCWD, control_path, O_RDWR | O_CLOEXEC, 0);
        void *mapped = fd < 0 ? MAP_FAILED : mmap(0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (mapped != MAP_FAILED) control = mapped;
    }
}

static int ours(const char *path) { return prefix && path && !strncmp(path, prefix, prefix_length); }

static struct handle *tracked(int fd) {
    return fd >= 0 && fd < HANDLES && handles[fd].path ? &handles[fd] : NULL;
}

static void record(char op, uint64_t inode, uint64_t offset, uint64_t length, const char *path, const void *data) {
    if (log_handle < 0) return;
    uint32_t thread = syscall(SYS_gettid);
    uint16_t path_length = strlen(path);
    size_t data_length = data ? length : 0, total = 31 + path_length + data_length;
    char *whole = malloc(total), *at = whole;
#define PUT(from, size) do { memcpy(at, from, size); at += size; } while (0)
    PUT(&op, 1); PUT(&thread, 4); PUT(&inode, 8); PUT(&offset, 8); PUT(&length, 8); PUT(&path_length, 2);
    PUT(path, path_length);
    if (data) PUT(data, data_length);
    // A record cut short would make everything behind it nonsense: rather no process than a wrong log.
    if (raw_write(log_handle, whole, total) != (ssize_t)total) abort();
    free(whole);
}

// From one failing sync to the next: `step` on average, by a fixed hash, so that no retry keeps step with it.
static uint64_t spread(uint64_t number, uint64_t step) {
    uint64_t hash = (number + 1) * 0x9E3779B97F4A7C15u;
    return 1 + (hash >> 33) % (2 * step - 1);
}

static int syncs_only(void) { return control->mode == SYNC || control->mode == DIES; }

// Whether the operation in hand fails. Syncs fail in modes SYNC and DIES only, writes in the others. Under the lock.
// Then syncs alone are counted: else no transaction of more than `step` writes could ever be stored.
static int fails(int is_sync) {
    if (syncs_only() && !is_sync) return 0;
    uint64_t number = ++control->count, lasts = control->lasts ? control->lasts : 1;
    if (control->mode == NONE || !control->next || number < control->next) return 0;
    if (control->mode != DEVICE && control->mode != KILL && is_sync != syncs_only()) return 0;
    control->hits++;
    if (number >= control->next + lasts - 1) {
        uint64_t far = control->mode == SYNC && control->step ? spread(number, control->step) : control->step;
        control->next = far ? number + far : 0;
    }
    if (control->mode == KILL) kill(getpid(), SIGKILL);
    errno = control->mode == FULL ? ENOSPC : EIO;
    return 1;
}

static int opened(int fd, const char *path, int created) {
    if (fd < 0 || fd >= HANDLES) return fd;
    pthread_mutex_lock(&lock);
    free(handles[fd].path);
    memset(&handles[fd], 0, sizeof handles[fd]);
    if (ours(path)) {
        struct stat found;
        handles[fd].path = strdup(path);
        if (!fstat(fd, &found)) handles[fd].inode = found.st_ino;
        if (created) record('C', handles[fd].inode, 0, 0, path, NULL);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

static int open_tracked(int folder, const char *path, int flags, mode_t mode) {
    int creates = ours(path) && (flags & O_CREAT) && syscall(SYS_faccessat, folder, path, F_OK) != 0;
    if (creates) {
        pthread_mutex_lock(&lock);
        int failed = fails(0);
        pthread_mutex_unlock(&lock);
        if (failed) return -1;
    }
    int fd = syscall(SYS_openat, folder, path, flags, mode);
    if (fd >= 0 && ours(path) && (flags & O_TRUNC) && !creates) {
        opened(fd, path, 0);
        record('T', handles[fd].inode, 0, 0, path, NULL);
        return fd;
    }
    return opened(fd, path, creates);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { MODE(flags) return open_tracked(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_tracked(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return open_tracked(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return open_tracked(folder, path, flags, mode); }

int close(int fd) {
    REAL(close);
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < HANDLES && handles[fd].path) {
        free(handles[fd].path);
        memset(&handles[fd], 0, sizeof handles[fd]);
    }
    pthread_mutex_unlock(&lock);
    return real(fd);
}

static ssize_t written(int fd, const void *data, size_t length, off_t offset, int positioned) {
    struct handle *file = tracked(fd);
    if (!file) return positioned ? syscall(SYS_pwrite64, fd, data, length, offset) : raw_write(fd, data, length);
    pthread_mutex_lock(&lock);
    if (!positioned) {
        struct stat found;
        int append = fcntl(fd, F_GETFL) & O_APPEND;
        offset = append && !fstat(fd, &found) ? found.st_size : lseek(fd, 0, SEEK_CUR);
    }
    ssize_t done = -1;
    int failed = fails(0), halved = failed && control->mode == SHORT && length > 1;
    if (halved) length /= 2;
    if (!failed || halved) {
        done = positioned ? syscall(SYS_pwrite64, fd, data, length, offset) : raw_write(fd, data, length);
        if (done > 0) file->sync_failed = 0;
        if (done > 0) record('W', file->inode, offset, done, file->path, data);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return written(fd, data, length, offset, 1); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return written(fd, data, length, offset, 1); }
ssize_t write(int fd, const void *data, size_t length) { return written(fd, data, length, 0, 0); }

// Copies that the kernel makes are not seen here: the caller falls back to writing.
ssize_t sendfile(int out, int in, off_t *offset, size_t length) { errno = EINVAL; return -1; }
ssize_t sendfile64(int out, int in, off_t *offset, size_t length) { errno = EINVAL; return -1; }
ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t length, unsigned flags) { errno = ENOSYS; return -1; }

static int synced(int fd, long number) {
    struct handle *file = tracked(fd);
    if (!file) return syscall(number, fd);
    pthread_mutex_lock(&lock);
    if (file->sync_failed) control->resyncs++;
    int failed = fails(1);
    file->sync_failed = failed;
    record(failed ? 'F' : 's', file->inode, 0, 0, file->path, NULL);
    if (failed && control->mode == DIES) {
        record('K', 0, 0, 0, "", NULL);
        kill(getpid(), SIGKILL);
    }
    pthread_mutex_unlock(&lock);
    if (failed) return -1;
    int result = syscall(number, fd);
    pthread_mutex_lock(&lock);
    if (!result && (file = tracked(fd))) {
        control->syncs++;
        record('S', file->inode, 0, 0, file->path, NULL);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

int ftruncate64(int fd, off_t length) {
    struct handle *file = tracked(fd);
    if (!file) return syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&lock);
    int result = fails(0) ? -1 : syscall(SYS_ftruncate, fd, length);
    if (!result) record('T', file->inode, 0, length, file->path, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int unlink(const char *path) {
    REAL(unlink);
    pthread_mutex_lock(&lock);
    int result = real(path);
    if (!result && ours(path)) record('U', 0, 0, 0, path, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

// With FAULTFS_TELLS a disk that is full from some operation on also says so to whoever asks for its room.
static int told_full(const char *path) {
    return getenv("FAULTFS_TELLS") && ours(path) && control->mode == FULL && control->next && control->count >= control->next;
}

int statvfs(const char *path, struct statvfs *found) {
    REAL(statvfs);
    int result = real(path, found);
    if (!result && told_full(path)) found->f_bavail = found->f_bfree = 0;
    return result;
}

int statvfs64(const char *path, struct statvfs64 *found) {
    REAL(statvfs64);
    int result = real(path, found);
    if (!result && told_full(path)) found->f_bavail = found->f_bfree = 0;
    return result;
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    int result = real(path, mode);
    if (!result && ours(path)) record('D', 0, 0, 0, path, NULL);
    return result;
}

int rename(const char *from, const char *to) {
    REAL(rename);
    pthread_mutex_lock(&lock);
    int result = ours(from) && fails(0) ? -1 : real(from, to);
    if (!result && ours(from)) record('R', 0, 0, strlen(to), from, to);
    pthread_mutex_unlock(&lock);
    return result;
}
