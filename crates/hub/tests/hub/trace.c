/* Loaded into a hub under test with LD_PRELOAD: notes, in order, what goes over sockets and into files.
 * One line each in the file that CALLSIGN_TRACE names: "in", "out", "write PATH" or "sync PATH". */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int trace = -1;

__attribute__((constructor)) static void open_trace(void) {
    const char *path = getenv("CALLSIGN_TRACE");
    if (path) trace = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_socket(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

/* Direct system calls, so that noting is not noted. */
static void note(const char *what, int fd) {
    char link[64], path[400], line[512];
    if (trace < 0) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    int size = is_socket(fd) ? snprintf(line, sizeof line, "%s\n", what)
                             : snprintf(line, sizeof line, "%s %s\n", what, path);
    syscall(SYS_write, trace, line, (size_t)size);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What comes in is noted after it came, what goes out before it goes, a sync when it is done. */
#define IN(type, name, parameters, arguments)                     \
    type name parameters {                                        \
        type result = REAL(name) arguments;                       \
        if (result > 0 && is_socket(fd)) note("in", fd);          \
        return result;                                            \
    }
#define OUT(type, name, parameters, arguments)                    \
    type name parameters {                                        \
        note(is_socket(fd) ? "out" : "write", fd);                \
        return REAL(name) arguments;                              \
    }
#define SYNC(name)                                                \
    int name(int fd) {                                            \
        int result = REAL(name)(fd);                              \
        if (result == 0) note("sync", fd);                        \
        return result;                                            \
    }

IN(ssize_t, read, (int fd, void *to, size_t n), (fd, to, n))
IN(ssize_t, readv, (int fd, const struct iovec *to, int n), (fd, to, n))
IN(ssize_t, recv, (int fd, void *to, size_t n, int flags), (fd, to, n, flags))
IN(ssize_t, recvmsg, (int fd, struct msghdr *to, int flags), (fd, to, flags))
IN(ssize_t, recvfrom, (int fd, void *to, size_t n, int flags, struct sockaddr *a, socklen_t *l), (fd, to, n, flags, a, l))
OUT(ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n))
OUT(ssize_t, writev, (int fd, const struct iovec *from, int n), (fd, from, n))
OUT(ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at))
OUT(ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at))
OUT(ssize_t, send, (int fd, const void *from, size_t n, int flags), (fd, from, n, flags))
OUT(ssize_t, sendmsg, (int fd, const struct msghdr *from, int flags), (fd, from, flags))
OUT(ssize_t, sendto, (int fd, const void *from, size_t n, int flags, const struct sockaddr *a, socklen_t l), (fd, from, n, flags, a, l))
SYNC(fsync)
SYNC(fdatasync)
