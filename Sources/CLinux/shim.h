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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

// UTIME_NOW is a macro with a cast.
static const long dd_utime_now = UTIME_NOW;

// syncfs(2) is behind _GNU_SOURCE.
static inline int dd_syncfs(int fd) { return syncfs(fd); }

// eventfd(2): its header is not part of the Glibc module.
static inline int dd_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// The same counting: each read takes one and waits while there is none.
static inline int dd_semaphore(void) { return eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE); }

// F_OFD_SETLK through the variadic fcntl(2): takes an exclusive lock on the whole file, owned by the open file description.
// Returns 0, or -1 with errno EAGAIN when somebody else holds it.
static inline int dd_try_lock(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_OFD_SETLK, &lock);
}

// F_OFD_SETLKW: the same, and waits while somebody else holds it.
static inline int dd_wait_for_lock(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_OFD_SETLKW, &lock);
}

// F_OFD_GETLK: 1 when somebody else holds a lock on the file, 0 when nobody does, -1 with errno.
static inline int dd_is_locked(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_OFD_GETLK, &lock) < 0 ? -1 : lock.l_type != F_UNLCK;
}

// pidfd_open(2), pidfd_send_signal(2): a process by a descriptor that never comes to mean another one; readable when it has ended.
static inline int dd_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
static inline int dd_pidfd_send_signal(int fd, int signal) { return (int)syscall(SYS_pidfd_send_signal, fd, signal, (void *)0, 0); }

// open(2) and openat(2) are variadic.
static inline int dd_openat(int directory, const char *path, int flags, mode_t mode) { return openat(directory, path, flags | O_CLOEXEC, mode); }

// prctl(2) is variadic: the calling process is sent `signal` when the thread that started it ends.
static inline int dd_die_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

// The macros that take a wait status apart are not imported.
static inline int dd_exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// Two spawn actions behind _GNU_SOURCE: close every descriptor from `first` on, and start in another folder. `actions` is a
// posix_spawn_file_actions_t; <spawn.h> is not included here, because it would bring another fd_set than that of CCrypto.
static const int dd_spawn_setsid = 0x80;  // POSIX_SPAWN_SETSID
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
