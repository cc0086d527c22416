// System calls that Swift's Glibc module does not bring, or that are variadic.
#ifndef DD_CLINUX_SHIM_H
#define DD_CLINUX_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

// UTIME_NOW is a macro with a cast.
static const long dd_utime_now = UTIME_NOW;

// syncfs(2) is behind _GNU_SOURCE.
static inline int dd_syncfs(int fd) { return syncfs(fd); }

/* Begins to write a range of a file to the disk and does not wait for it. */
static inline int dd_begin_writing(int fd, off_t offset, off_t length) { return sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE); }

// eventfd(2): its header is not part of the Glibc module.
static inline int dd_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// The same counting: each read takes one and waits while there is none.
static inline int dd_semaphore(void) { return eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE); }

// pipe2(2) is behind _GNU_SOURCE.
static inline int dd_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

// fcntl(2) is variadic: from now on calls on the descriptor do not wait.
static inline int dd_set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

// F_OFD_SETLK through the variadic fcntl(2): takes an exclusive lock on the whole file, owned by the open file description.
// Returns 0, or -1 with errno EAGAIN when somebody else holds it.
static inline int dd_try_lock(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_OFD_SETLK, &lock);
}

// open(2) and openat(2) are variadic.
static inline int dd_openat(int directory, const char *path, int flags, mode_t mode) { return openat(directory, path, flags | O_CLOEXEC, mode); }

// F_SETLEASE through the variadic fcntl(2): whether anybody has the file open for writing. 1 yes, 0 no, -1 when the system does not tell
// (the file is another user's, or on another machine). Whoever opens it in this very moment is let in at once; SIGIO must be ignored.
static inline int dd_has_writer(int fd)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN ? 1 : -1;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    return 0;
}

// The kind of the file system that `path` is on (statfs(2)), 0 when it cannot be told.
static inline int64_t dd_file_system(const char *path)
{
    struct statfs info;
    return statfs(path, &info) == 0 ? (int64_t)(uint32_t)info.f_type : 0;
}

// prctl(2) is variadic: the calling process is sent `signal` when the thread that started it ends.
static inline int dd_die_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

// The macros that take a wait status apart are not imported.
static inline int dd_exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// Two spawn actions behind _GNU_SOURCE: close every descriptor from `first` on, and start in another folder. `actions` is a
// posix_spawn_file_actions_t; <spawn.h> is not included here, because it would bring another fd_set than that of CCrypto.
static inline int dd_spawn_close_from(void *actions, int first)
{
    extern int posix_spawn_file_actions_addclosefrom_np(void *, int);
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
static inline int dd_spawn_in_folder(void *actions, const char *folder)
{
    extern int posix_spawn_file_actions_addchdir_np(void *, const char *);
    return posix_spawn_file_actions_addchdir_np(actions, folder);
}

#endif
