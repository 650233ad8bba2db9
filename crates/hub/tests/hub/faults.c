/* Loaded into a hub or desk under test with LD_PRELOAD: lets calls on its files fail, or cuts the power at one.
 *
 * CALLSIGN_FAULT_DIR  the data directory; only calls on what lies in it count
 * CALLSIGN_FAULT      "KIND N SEED": what happens at the N-th call that it can happen to, from 1; 0 is never
 * CALLSIGN_FAULT_LOG  where the name of each such call goes, a line each
 * CALLSIGN_FAULT_PLAN a file of three numbers of 8 bytes that a test changes as it goes, for `enospc-when`
 *
 * none                 nothing
 * eio, eio-on          the call fails with EIO; it and all that follow
 * enospc, enospc-on    likewise a write, an open or a truncation, with ENOSPC
 * enospc-when          what needs room on the disk fails as the plan says: its first number counts down to 1, at which it
 *                      fails, and all that follows where the second is not 0; the third counts what has failed
 * short                a read or a write moves half of its bytes
 * cut                  the power goes before the call: of what was not synced a random part is lost, sector by sector
 * cut-lying            the same, on a disk that says "synced" and does nothing
 * gate                 a sync fails once and what it was to sync is lost, though the kernel takes it for written;
 *                      the power goes when a file named like the directory with ".cut" exists
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FILES 1024
#define PAGE 4096
#define SECTOR 512

enum call { OPEN, READ, WRITE, SYNC, TRUNCATE, UNLINK, RENAME, LOCK, MAP };
static const char *const call_names[] = { "open", "read", "write", "sync", "truncate", "unlink", "rename", "lock", "map" };

static pthread_mutex_t one_at_a_time = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char dir[400], kind[20] = "none";
static long at, seed, calls;
static volatile int64_t *plan;
static int log_file = -1;
/* Path of each open file in the directory; empty where it is another. */
static char paths[FILES][400];

__attribute__((constructor)) static void begin(void) {
    const char *given = getenv("CALLSIGN_FAULT_DIR"), *fault = getenv("CALLSIGN_FAULT"), *log = getenv("CALLSIGN_FAULT_LOG");
    if (!given || !fault) return;
    snprintf(dir, sizeof dir, "%s", given);
    if (sscanf(fault, "%19s %ld %ld", kind, &at, &seed) != 3) abort();
    if (log) log_file = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const char *planned = getenv("CALLSIGN_FAULT_PLAN");
    if (!planned) return;
    int file = REAL(open)(planned, O_RDWR | O_CLOEXEC);
    plan = REAL(mmap)(0, 3 * sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file < 0 || plan == MAP_FAILED) abort();
    REAL(close)(file);
}

static int is_kind(const char *name) { return strcmp(kind, name) == 0; }
static int in_dir(const char *path) { return *dir && path && strncmp(path, dir, strlen(dir)) == 0; }
static int is_ours(int fd) { return fd >= 0 && fd < FILES && paths[fd][0]; }

/* ---- what is not synced yet, piece by piece ---- */

/* Bytes of one page before a write, or the size of a file (`is_size`), or what a truncation took with the size. */
struct piece { struct piece *older; ino_t file; off_t from; int n, is_size, goes_with_size, is_lost; char path[400], before[PAGE]; };
/* A name that came (`kept` empty) or went (what it named is kept under another name). */
struct name { struct name *older; char path[400], kept[420]; };
static struct piece *pieces;
static struct name *names;

static int has_power_model(void) { return is_kind("cut") || is_kind("cut-lying") || is_kind("gate"); }

static ino_t file_of(int fd) { struct stat s; return fstat(fd, &s) == 0 ? s.st_ino : 0; }
static off_t size_of(int fd) { struct stat s; return fstat(fd, &s) == 0 ? s.st_size : 0; }
/* Nothing of the shared memory file outlives a loss of power in any order that matters. */
static int is_memory(int fd) { return strlen(paths[fd]) > 4 && strcmp(paths[fd] + strlen(paths[fd]) - 4, "-shm") == 0; }

static struct piece *keep_piece(int fd, off_t from, int n, int is_size) {
    struct piece *new = calloc(1, sizeof *new);
    new->older = pieces, new->file = file_of(fd), new->from = from, new->n = n, new->is_size = is_size;
    strcpy(new->path, paths[fd]);
    /* What lies beyond the end reads as zeros. */
    if (!is_size && REAL(pread64)(fd, new->before, (size_t)n, from) < 0) abort();
    return pieces = new;
}

static void before_write(int fd, off_t from, size_t n) {
    if (!has_power_model() || is_memory(fd)) return;
    ino_t file = file_of(fd);
    if (from + (off_t)n > size_of(fd)) keep_piece(fd, size_of(fd), 0, 1);
    while (n > 0) {
        size_t here = PAGE - (size_t)(from % PAGE) < n ? PAGE - (size_t)(from % PAGE) : n;
        /* The page is dirty once more: the next sync writes all of it. */
        for (struct piece *p = pieces; p; p = p->older)
            if (p->file == file && !p->is_size && p->from / PAGE == from / PAGE) p->is_lost = 0;
        keep_piece(fd, from, (int)here, 0);
        from += (off_t)here, n -= here;
    }
}

static void before_truncate(int fd, off_t to) {
    if (!has_power_model() || is_memory(fd)) return;
    off_t size = size_of(fd);
    for (off_t from = to; from < size; from += PAGE - from % PAGE) {
        off_t here = PAGE - from % PAGE < size - from ? PAGE - from % PAGE : size - from;
        keep_piece(fd, from, (int)here, 0)->goes_with_size = 1;
    }
    keep_piece(fd, size, 0, 1);
}

static void after_sync(int fd, int failed) {
    if (!has_power_model() || is_kind("cut-lying")) return;
    ino_t file = file_of(fd);
    for (struct piece **p = &pieces; *p;) {
        struct piece *this = *p;
        if (this->file != file || (this->is_lost && !failed)) { p = &this->older; continue; }
        /* Sizes are in the file system's own journal, which is written again. */
        if (failed) { this->is_lost = !this->is_size && !this->goes_with_size, p = &this->older; continue; }
        *p = this->older;
        free(this);
    }
    /* A directory's sync makes its names last. */
    struct stat s;
    if (!failed && fstat(fd, &s) == 0 && S_ISDIR(s.st_mode)) names = NULL;
}

static void note_name(const char *path, const char *kept) {
    struct name *new = calloc(1, sizeof *new);
    new->older = names;
    snprintf(new->path, sizeof new->path, "%s", path);
    snprintf(new->kept, sizeof new->kept, "%s", kept);
    names = new;
}

static unsigned long drawn(unsigned long a, unsigned long b) {
    unsigned long x = (unsigned long)seed * 0x9e3779b97f4a7c15 ^ a * 0xbf58476d1ce4e5b9 ^ b * 0x94d049bb133111eb;
    x ^= x >> 30, x *= 0xbf58476d1ce4e5b9, x ^= x >> 27, x *= 0x94d049bb133111eb;
    return x ^ x >> 31;
}

/* The same in every run, whatever directory it is in. */
static unsigned long number_of(const char *path) { return strlen(path) - strlen(dir); }

/* One run in four loses all that was not synced, one nothing, the others each sector by a coin. */
static int is_gone(unsigned long a, unsigned long b) {
    unsigned long mode = drawn(0, 0) % 4;
    return mode == 0 || (mode != 1 && drawn(a, b) % 2);
}

static void cut_power(void) {
    for (struct piece *p = pieces; p; p = p->older) {
        int fd = REAL(open)(p->path, O_RDWR);
        if (fd < 0) continue;
        unsigned long file = number_of(p->path);
        if (file_of(fd) == p->file) {
            if (p->is_size && (p->is_lost || is_gone(file, 1))) {
                if (REAL(ftruncate64)(fd, p->from) != 0) abort();
            }
            for (off_t from = p->from; !p->is_size && from < p->from + p->n; from += SECTOR - from % SECTOR) {
                off_t end = from + SECTOR - from % SECTOR;
                if (end > p->from + p->n) end = p->from + p->n;
                unsigned long coin = p->goes_with_size ? 1 : 2 + (unsigned long)(from / SECTOR);
                if (!p->is_lost && !is_gone(file, coin)) continue;
                if (REAL(pwrite64)(fd, p->before + (from - p->from), (size_t)(end - from), from) < 0) abort();
            }
        }
        REAL(close)(fd);
    }
    for (struct name *n = names; n; n = n->older) {
        if (!is_gone(number_of(n->path), 0)) continue;
        if (n->kept[0]) {
            if (rename(n->kept, n->path) != 0) abort();
        } else REAL(unlink)(n->path);
    }
    kill(getpid(), SIGKILL);
}

/* ---- what happens at which call ---- */

static int can_happen_to(enum call call) {
    if (is_kind("eio") || is_kind("none")) return 1;
    /* A lock that never comes is no fault of a disk. */
    if (is_kind("eio-on")) return call != LOCK;
    if (is_kind("short")) return call == READ || call == WRITE;
    if (is_kind("gate")) return call == SYNC;
    if (is_kind("enospc") || is_kind("enospc-on")) return call == WRITE || call == OPEN || call == TRUNCATE;
    if (is_kind("enospc-when")) return call == WRITE || call == OPEN || call == TRUNCATE;
    return call == WRITE || call == SYNC || call == TRUNCATE || call == UNLINK || call == RENAME;
}

static int strikes_by_plan(void) {
    if (!plan || plan[0] == 0) return 0;
    if (plan[0] > 1) return plan[0]--, 0;
    if (plan[1] == 0) plan[0] = 0;
    plan[2]++;
    errno = ENOSPC;
    return 1;
}

/* Whether a call needs no room: a file is opened that is there, or gets no longer. */
static int needs_no_room(int is_free) { return is_kind("enospc-when") && is_free; }

/* Counts a call; answers whether it is to fail, with errno set, or to be short. */
static int strikes(enum call call) {
    char cut[420];
    if (is_kind("gate") && snprintf(cut, sizeof cut, "%s.cut", dir) > 0 && access(cut, F_OK) == 0) cut_power();
    if (!can_happen_to(call)) return 0;
    if (is_kind("enospc-when")) return strikes_by_plan();
    calls++;
    if (log_file >= 0) dprintf(log_file, "%s\n", call_names[call]);
    int is_on = is_kind("eio-on") || is_kind("enospc-on");
    if (at == 0 || (is_on ? calls < at : calls != at)) return 0;
    if (is_kind("cut") || is_kind("cut-lying")) cut_power();
    errno = is_kind("enospc") || is_kind("enospc-on") ? ENOSPC : EIO;
    return 1;
}

#define LOCKED(body) \
    pthread_mutex_lock(&one_at_a_time); \
    body; \
    pthread_mutex_unlock(&one_at_a_time);

#define OPENS(name)                                                                            \
    int name(const char *path, int flags, ...) {                                               \
        va_list more;                                                                          \
        va_start(more, flags);                                                                 \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;              \
        va_end(more);                                                                          \
        if (!in_dir(path)) return REAL(name)(path, flags, mode);                               \
        int fd = -1;                                                                           \
        LOCKED(int is_new = access(path, F_OK) != 0;                                           \
               if (needs_no_room(!is_new || !(flags & O_CREAT)) || !strikes(OPEN)) {           \
            fd = REAL(name)(path, flags, mode);                                                \
            if (fd >= FILES) abort();                                                          \
            if (fd >= 0) snprintf(paths[fd], sizeof paths[fd], "%s", path);                    \
            if (fd >= 0 && is_new && has_power_model()) note_name(path, "");                   \
            if (fd >= 0 && flags & O_TRUNC) before_truncate(fd, 0);                            \
        })                                                                                     \
        return fd;                                                                             \
    }
OPENS(open)
OPENS(open64)

int close(int fd) {
    int result;
    LOCKED(if (is_ours(fd)) paths[fd][0] = 0; result = REAL(close)(fd))
    return result;
}

#define READS(name, parameters, arguments)                                                     \
    ssize_t name parameters {                                                                  \
        ssize_t result = -1;                                                                   \
        if (!is_ours(fd)) return REAL(name) arguments;                                         \
        LOCKED(int struck = strikes(READ);                                                     \
               if (struck && is_kind("short")) n /= 2;                                         \
               if (!struck || is_kind("short")) result = REAL(name) arguments)                 \
        return result;                                                                         \
    }
READS(read, (int fd, void *to, size_t n), (fd, to, n))
READS(pread, (int fd, void *to, size_t n, off_t from), (fd, to, n, from))
READS(pread64, (int fd, void *to, size_t n, off64_t from), (fd, to, n, from))

#define WRITES(name, parameters, arguments, position)                                          \
    ssize_t name parameters {                                                                  \
        ssize_t result = -1;                                                                   \
        if (!is_ours(fd)) return REAL(name) arguments;                                         \
        LOCKED(int struck = strikes(WRITE);                                                    \
               if (struck && is_kind("short")) n /= 2;                                         \
               if (!struck || is_kind("short")) {                                              \
                   before_write(fd, position, n);                                              \
                   result = REAL(name) arguments;                                              \
               })                                                                              \
        return result;                                                                         \
    }
WRITES(write, (int fd, const void *from, size_t n), (fd, from, n), lseek(fd, 0, SEEK_CUR))
WRITES(pwrite, (int fd, const void *from, size_t n, off_t to), (fd, from, n, to), to)
WRITES(pwrite64, (int fd, const void *from, size_t n, off64_t to), (fd, from, n, to), to)

/* Nothing is really synced: the machine lives on, whatever happens here. */
#define SYNCS(name)                                                                            \
    int name(int fd) {                                                                         \
        int result = -1;                                                                       \
        if (!is_ours(fd)) return REAL(name)(fd);                                               \
        LOCKED(if (strikes(SYNC)) after_sync(fd, 1);                                           \
               else {                                                                          \
                   result = 0;                                                                 \
                   after_sync(fd, 0);                                                          \
               })                                                                              \
        return result;                                                                         \
    }
SYNCS(fsync)
SYNCS(fdatasync)

#define CHANGES(name, call, is_counted, is_free, parameters, arguments, before)                \
    int name parameters {                                                                      \
        int result = -1;                                                                       \
        if (!(is_counted)) return REAL(name) arguments;                                        \
        LOCKED(if (needs_no_room(is_free) || !strikes(call)) {                                 \
            before;                                                                            \
            result = REAL(name) arguments;                                                     \
        })                                                                                     \
        return result;                                                                         \
    }
CHANGES(ftruncate, TRUNCATE, is_ours(fd), to <= size_of(fd), (int fd, off_t to), (fd, to), before_truncate(fd, to))
CHANGES(ftruncate64, TRUNCATE, is_ours(fd), to <= size_of(fd), (int fd, off64_t to), (fd, to), before_truncate(fd, to))
CHANGES(flock, LOCK, is_ours(fd), 0, (int fd, int how), (fd, how), )
CHANGES(rename, RENAME, in_dir(to), 0, (const char *from, const char *to), (from, to), )

int unlink(const char *path) {
    int result = -1;
    if (!in_dir(path)) return REAL(unlink)(path);
    LOCKED(if (!strikes(UNLINK)) {
        char kept[420] = "";
        static int number;
        if (has_power_model() && snprintf(kept, sizeof kept, "%s.unlinked-%d", dir, number++) > 0 && link(path, kept) == 0)
            note_name(path, kept);
        result = REAL(unlink)(path);
    })
    return result;
}

#define CONTROLS(name)                                                                         \
    int name(int fd, int command, ...) {                                                       \
        va_list more;                                                                          \
        va_start(more, command);                                                               \
        void *argument = va_arg(more, void *);                                                 \
        va_end(more);                                                                          \
        int result = -1;                                                                       \
        /* To give a lock back never fails. */                                                 \
        int is_lock = is_ours(fd) && command == F_SETLK                                        \
            && ((struct flock *)argument)->l_type != F_UNLCK;                                  \
        if (!is_lock) return REAL(name)(fd, command, argument);                                \
        LOCKED(if (!strikes(LOCK)) result = REAL(name)(fd, command, argument))                 \
        return result;                                                                         \
    }
CONTROLS(fcntl)
CONTROLS(fcntl64)

#define MAPS(name, offset)                                                                     \
    void *name(void *where, size_t n, int how, int flags, int fd, offset from) {               \
        void *result = MAP_FAILED;                                                             \
        if (!is_ours(fd)) return REAL(name)(where, n, how, flags, fd, from);                   \
        LOCKED(if (!strikes(MAP)) result = REAL(name)(where, n, how, flags, fd, from))         \
        return result;                                                                         \
    }
MAPS(mmap, off_t)
MAPS(mmap64, off64_t)
