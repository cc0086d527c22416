#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
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

// Linux 5.17; glibc's header may not know it.
#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000
#endif
#ifndef FAN_EVENT_INFO_TYPE_OLD_DFID_NAME
#define FAN_EVENT_INFO_TYPE_OLD_DFID_NAME 10
#endif
#ifndef FAN_EVENT_INFO_TYPE_NEW_DFID_NAME
#define FAN_EVENT_INFO_TYPE_NEW_DFID_NAME 12
#endif

int dd_fanotify_open(void)
{
    return fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_DFID_NAME, O_RDONLY);
}

int dd_fanotify_mark(int fd, const char *path)
{
    uint64_t common = FAN_CLOSE_WRITE | FAN_CREATE | FAN_DELETE | FAN_ONDIR;
    unsigned flags = FAN_MARK_ADD | FAN_MARK_FILESYSTEM;
    int status = fanotify_mark(fd, flags, common | FAN_RENAME, AT_FDCWD, path);
    if (status < 0 && errno == EINVAL) status = fanotify_mark(fd, flags, common | FAN_MOVED_FROM | FAN_MOVED_TO, AT_FDCWD, path);
    return status;
}

size_t dd_fanotify_next(const void *bytes, size_t length, struct dd_change *change)
{
    memset(change, 0, sizeof *change);
    struct fanotify_event_metadata event;
    if (length < sizeof event) return 0;
    memcpy(&event, bytes, sizeof event);
    if (event.event_len < sizeof event || event.event_len > length) return 0;
    change->lost = (event.mask & FAN_Q_OVERFLOW) != 0 || event.vers != FANOTIFY_METADATA_VERSION;
    change->is_directory = (event.mask & FAN_ONDIR) != 0;
    change->closed = (event.mask & FAN_CLOSE_WRITE) != 0;
    change->created = (event.mask & FAN_CREATE) != 0;
    const char *end = (const char *)bytes + event.event_len;
    for (const char *at = (const char *)bytes + event.metadata_len; at + sizeof(struct fanotify_event_info_header) <= end;) {
        struct fanotify_event_info_header header;
        memcpy(&header, at, sizeof header);
        if (header.len < sizeof header || at + header.len > end) break;
        size_t start = offsetof(struct fanotify_event_info_fid, handle);
        struct file_handle handle;
        if (header.len >= start + sizeof handle) {
            memcpy(&handle, at + start, sizeof handle);
            size_t size = sizeof handle + handle.handle_bytes;
            const char *name = at + start + size;
            const char *limit = at + header.len;
            uint64_t fs;
            memcpy(&fs, at + offsetof(struct fanotify_event_info_fid, fsid), sizeof fs);
            if (start + size < header.len && memchr(name, 0, (size_t)(limit - name))) {
                int isOld = header.info_type == FAN_EVENT_INFO_TYPE_OLD_DFID_NAME
                    || (header.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME && event.mask & (FAN_DELETE | FAN_MOVED_FROM));
                int isNew = header.info_type == FAN_EVENT_INFO_TYPE_NEW_DFID_NAME
                    || (header.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME && event.mask & (FAN_CLOSE_WRITE | FAN_CREATE | FAN_MOVED_TO));
                if (isOld) {
                    change->from = at + start, change->from_size = size, change->from_name = name, change->from_fs = fs;
                }
                if (isNew) {
                    change->to = at + start, change->to_size = size, change->to_name = name, change->to_fs = fs;
                }
            }
        }
        at += header.len;
    }
    return event.event_len;
}

uint64_t dd_file_system_id(const char *path)
{
    struct statfs info;
    uint64_t id = 0;
    if (statfs(path, &info) == 0) memcpy(&id, &info.f_fsid, sizeof id);
    return id;
}

int64_t dd_path_of_handle(int mount, const void *handle, char *path, size_t size)
{
    int fd = open_by_handle_at(mount, (struct file_handle *)(uintptr_t)handle, O_PATH | O_CLOEXEC);
    if (fd < 0) return -1;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size);
    int error = errno;
    close(fd);
    errno = error;
    return length;
}

int dd_can_find_by_handle(const char *path)
{
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } place = {.handle.handle_bytes = MAX_HANDLE_SZ};
    int mount_id;
    if (name_to_handle_at(AT_FDCWD, path, &place.handle, &mount_id, AT_SYMLINK_FOLLOW) < 0) return -1;
    int mount = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (mount < 0) return -1;
    int fd = open_by_handle_at(mount, &place.handle, O_PATH | O_CLOEXEC);
    int error = errno;
    close(mount);
    if (fd >= 0) close(fd);
    errno = error;
    return fd >= 0 ? 1 : -1;
}

int dd_new_network(void) { return unshare(CLONE_NEWNET); }

int dd_enter_network(int fd) { return setns(fd, CLONE_NEWNET); }

int dd_open_tun(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}
