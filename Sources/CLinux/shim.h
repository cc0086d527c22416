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
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

// signalfd(2): its header is not part of the Glibc module. Readable while one of the signals waits.
static inline int dd_signalfd(const sigset_t *signals) { return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK); }

// posix_openpt(3) and what follows it are not part of the Glibc module: a new terminal, the end at which a person would sit. `name` becomes
// the path of the other end.
static inline int dd_open_terminal(char *name, size_t size)
{
    extern int posix_openpt(int), grantpt(int), unlockpt(int), ptsname_r(int, char *, size_t);
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || (grantpt(fd) == 0 && unlockpt(fd) == 0 && ptsname_r(fd, name, size) == 0)) return fd;
    close(fd);
    return -1;
}

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

// The same for a range of bytes, which need not exist; with `wait` it waits for the others to let go (F_OFD_SETLKW). A range that this
// description holds is taken again without effect.
static inline int dd_lock_range(int fd, int64_t start, int64_t length, int wait)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
    int result;
    do result = fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
    while (result != 0 && errno == EINTR);
    return result;
}

// Lets go of a range.
static inline int dd_unlock_range(int fd, int64_t start, int64_t length)
{
    struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
    return fcntl(fd, F_OFD_SETLK, &lock);
}

// fallocate(2) is behind _GNU_SOURCE: reserves the bytes from 0 to `size`, the file grows to it.
static inline int dd_allocate(int fd, int64_t size) { return fallocate(fd, 0, 0, size); }

// statx(2) with STATX_MNT_ID_UNIQUE (Linux 6.8): the number of the mount that a descriptor was opened through, which no other mount gets
// until the machine is started anew; 0 when the system does not tell. By its number in the answer: older headers do not know it.
static inline uint64_t dd_mount_number(int fd)
{
    uint64_t answer[32] = { 0 };
    if (syscall(SYS_statx, fd, "", 0x1000 /* AT_EMPTY_PATH */, 0x4000 /* STATX_MNT_ID_UNIQUE */, answer) != 0) return 0;
    return (uint32_t)answer[0] & 0x4000 ? answer[18] : 0;
}

// fallocate(2) again: gives the disk of a range back, which reads as zero from then on; the size stays.
static inline int dd_give_back(int fd, int64_t offset, int64_t length)
{
    return fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length);
}

// copy_file_range(2) is behind _GNU_SOURCE: copies within the kernel, or shares the blocks where the file system can (reflink).
static inline int64_t dd_copy_range(int from, int64_t from_offset, int to, int64_t to_offset, int64_t length)
{
    off64_t in = from_offset, out = to_offset;
    return copy_file_range(from, &in, to, &out, length, 0);
}

// Extended attributes. <sys/xattr.h> is not included here: it would bring another fd_set than that of CCrypto.
static inline int dd_set_attribute(int fd, const char *name, const void *value, size_t size)
{
    extern int fsetxattr(int, const char *, const void *, size_t, int);
    return fsetxattr(fd, name, value, size, 0);
}
static inline int64_t dd_get_attribute(int fd, const char *name, void *value, size_t size)
{
    extern ssize_t fgetxattr(int, const char *, void *, size_t);
    return fgetxattr(fd, name, value, size);
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

// F_OFD_GETLK on a range: 1 when somebody else holds a lock on a part of it, 0 when nobody does, -1 with errno.
static inline int dd_range_is_locked(int fd, int64_t start, int64_t length)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
    return fcntl(fd, F_OFD_GETLK, &lock) < 0 ? -1 : lock.l_type != F_UNLCK;
}

// memfd_create(2) is behind _GNU_SOURCE: a file that has no name and lives as long as it is open.
static inline int dd_memory_file(void)
{
    extern int memfd_create(const char *, unsigned int);
    return memfd_create("dd", 1 /* MFD_CLOEXEC */);
}

// pidfd_open(2), pidfd_send_signal(2): a process by a descriptor that never comes to mean another one; readable when it has ended.
static inline int dd_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
static inline int dd_pidfd_send_signal(int fd, int signal) { return (int)syscall(SYS_pidfd_send_signal, fd, signal, (void *)0, 0); }

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

// RLIMIT_NOFILE: raises the number of descriptors that this process may have open to `wanted`, at most to what it may raise it to by itself.
// Returns what it is then. The resource is an enumeration in the Glibc module, <sys/resource.h> declares the rest.
#include <sys/resource.h>
static inline int64_t dd_raise_descriptor_limit(int64_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (limit.rlim_cur < (rlim_t)wanted) {
        limit.rlim_cur = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur > (rlim_t)INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_cur;
}

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
