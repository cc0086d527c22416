#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

_Static_assert(dd_utime_now == UTIME_NOW, "UTIME_NOW is another number here");
_Static_assert(dd_spawn_setsid == POSIX_SPAWN_SETSID, "POSIX_SPAWN_SETSID is another number here");

// Linux 6.8; the headers of Debian 12 do not know it.
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000
#endif

int dd_openat(int directory, const char *path, int flags, mode_t mode) { return openat(directory, path, flags | O_CLOEXEC, mode); }

int dd_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

int dd_memory_file(void) { return memfd_create("dd", MFD_CLOEXEC); }

int dd_set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

int dd_syncfs(int fd) { return syncfs(fd); }

int dd_begin_writing(int fd, off_t offset, off_t length) { return sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE); }

int dd_allocate(int fd, int64_t size) { return fallocate(fd, 0, 0, size); }

int dd_give_back(int fd, int64_t offset, int64_t length)
{
    return fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length);
}

int64_t dd_copy_range(int from, int64_t from_offset, int to, int64_t to_offset, int64_t length)
{
    off64_t in = from_offset, out = to_offset;
    return copy_file_range(from, &in, to, &out, (size_t)length, 0);
}

int dd_set_attribute(int fd, const char *name, const void *value, size_t size) { return fsetxattr(fd, name, value, size, 0); }

int64_t dd_get_attribute(int fd, const char *name, void *value, size_t size) { return fgetxattr(fd, name, value, size); }

int64_t dd_file_system(const char *path)
{
    struct statfs info;
    return statfs(path, &info) == 0 ? (int64_t)(uint32_t)info.f_type : 0;
}

uint64_t dd_mount_number(int fd)
{
    struct statx info;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID_UNIQUE, &info) != 0) return 0;
    if (!(info.stx_mask & STATX_MNT_ID_UNIQUE)) return 0;
    return info.stx_mnt_id;
}

int dd_has_writer(int fd)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN ? 1 : -1;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    return 0;
}

static int lock_range(int fd, int command, short type, int64_t start, int64_t length)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
    int result;
    do result = fcntl(fd, command, &lock);
    while (result != 0 && errno == EINTR);
    return result;
}

int dd_try_lock(int fd) { return lock_range(fd, F_OFD_SETLK, F_WRLCK, 0, 0); }

int dd_wait_for_lock(int fd) { return lock_range(fd, F_OFD_SETLKW, F_WRLCK, 0, 0); }

int dd_is_locked(int fd) { return dd_range_is_locked(fd, 0, 0); }

int dd_lock_range(int fd, int64_t start, int64_t length, int wait)
{
    return lock_range(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, F_WRLCK, start, length);
}

int dd_unlock_range(int fd, int64_t start, int64_t length) { return lock_range(fd, F_OFD_SETLK, F_UNLCK, start, length); }

int dd_range_is_locked(int fd, int64_t start, int64_t length)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
    return fcntl(fd, F_OFD_GETLK, &lock) < 0 ? -1 : lock.l_type != F_UNLCK;
}

int dd_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int dd_signalfd(const sigset_t *signals) { return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK); }

int dd_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int dd_pidfd_send_signal(int fd, int signal) { return (int)syscall(SYS_pidfd_send_signal, fd, signal, (void *)0, 0); }

int dd_die_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

int dd_exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

int dd_spawn_close_from(void *actions, int first) { return posix_spawn_file_actions_addclosefrom_np(actions, first); }

int dd_spawn_in_folder(void *actions, const char *folder) { return posix_spawn_file_actions_addchdir_np(actions, folder); }

int64_t dd_raise_descriptor_limit(int64_t wanted)
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

int dd_open_terminal(char *name, size_t size)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || (grantpt(fd) == 0 && unlockpt(fd) == 0 && ptsname_r(fd, name, size) == 0)) return fd;
    close(fd);
    return -1;
}
