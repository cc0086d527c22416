// System calls that Swift's Glibc module does not bring: they are variadic, behind _GNU_SOURCE, or in a header that the module leaves out.
//
// This header names nothing of _GNU_SOURCE itself. With it glibc declares some types differently (fd_set, __rusage_who), and the compiler
// refuses a program in which two modules declare one type in two ways, or does not, depending on which it meets first. linux.c has the rest.
//
// Unless said otherwise a function returns what the system call returns: -1 with errno when it fails.
#ifndef DD_CLINUX_H
#define DD_CLINUX_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Files

// open(2), openat(2), with O_CLOEXEC.
int dd_openat(int directory, const char *path, int flags, mode_t mode);

// pipe2(2) with O_CLOEXEC.
int dd_pipe(int *ends);

// memfd_create(2): a file that has no name and exists as long as it is open.
int dd_memory_file(void);

// fcntl(2), O_NONBLOCK: from now on calls on the descriptor do not wait.
int dd_set_nonblocking(int fd);

// UTIME_NOW of utimensat(2).
#define dd_utime_now 1073741823L

// syncfs(2).
int dd_syncfs(int fd);

// sync_file_range(2): begins to write a range of a file to the disk and does not wait for it.
int dd_begin_writing(int fd, off_t offset, off_t length);

// fallocate(2): reserves the bytes from 0 to `size`, the file grows to it.
int dd_allocate(int fd, int64_t size);

// fallocate(2): returns the disk space of a range, which reads as zero from then on; the size stays.
int dd_give_back(int fd, int64_t offset, int64_t length);

// copy_file_range(2): copies within the kernel, or shares the blocks where the file system can (reflink).
int64_t dd_copy_range(int from, int64_t from_offset, int to, int64_t to_offset, int64_t length);

// fsetxattr(2), fgetxattr(2): extended attributes.
int dd_set_attribute(int fd, const char *name, const void *value, size_t size);
int64_t dd_get_attribute(int fd, const char *name, void *value, size_t size);

// statfs(2): the kind of the file system that `path` is on, 0 when it cannot be told.
int64_t dd_file_system(const char *path);

// statx(2), STATX_MNT_ID_UNIQUE (Linux 6.8): the number of the mount that a descriptor was opened through, which no other mount gets until
// the machine is started anew; 0 when the system does not tell.
uint64_t dd_mount_number(int fd);

// F_SETLEASE: whether anybody has the file open for writing. 1 yes, 0 no, -1 when the system does not tell (the file is another user's, or
// on another machine). Whoever opens it in this very moment is let in at once; SIGIO must be ignored.
int dd_has_writer(int fd);

// Locks, each owned by the open file description

// F_OFD_SETLK: takes an exclusive lock on the whole file. errno is EAGAIN when somebody else holds one.
int dd_try_lock(int fd);

// F_OFD_SETLKW: the same, and waits while somebody else holds it.
int dd_wait_for_lock(int fd);

// F_OFD_GETLK: 1 when somebody else holds a lock on the file, 0 when nobody does.
int dd_is_locked(int fd);

// F_OFD_SETLK on a range of bytes, which need not exist; with `wait` it waits while somebody else holds a part of it (F_OFD_SETLKW). A range
// that this description holds is taken again without effect.
int dd_lock_range(int fd, int64_t start, int64_t length, int wait);

// F_OFD_SETLK, F_UNLCK: releases a range.
int dd_unlock_range(int fd, int64_t start, int64_t length);

// F_OFD_GETLK on a range: 1 when somebody else holds a lock on a part of it, 0 when nobody does.
int dd_range_is_locked(int fd, int64_t start, int64_t length);

// Events

// eventfd(2), not blocking.
int dd_eventfd(void);

// signalfd(2): readable while one of the signals waits.
int dd_signalfd(const sigset_t *signals);

// fanotify(7): an event queue of changes in whole file systems, not blocking; needs CAP_SYS_ADMIN. Events name the directory by a handle.
int dd_fanotify_open(void);

// FAN_MARK_FILESYSTEM: from now on changes of names in the file system of `path`, and the closing of what was written, are told. A kernel
// that knows no FAN_RENAME (before 5.17) tells the two halves of a rename.
int dd_fanotify_mark(int fd, const char *path);

// What an event of fanotify is about.
struct dd_change {
    // Events were lost: nothing else is set.
    int lost;
    // Of a directory.
    int is_directory;
    // FAN_CLOSE_WRITE; FAN_CREATE; the other changes take a name away, bring one, or both (a rename).
    int closed;
    int created;
    // Where the name was and where it is: file system, handle (struct file_handle) and name; a handle without bytes: not of this event.
    uint64_t from_fs, to_fs;
    const void *from, *to;
    size_t from_size, to_size;
    const char *from_name, *to_name;
};

// Reads the first event of `bytes` into `change`, whose pointers lead into it. Returns its length; 0 when there is none that is whole.
size_t dd_fanotify_next(const void *bytes, size_t length, struct dd_change *change);

// f_fsid of statfs(2), by which events name file systems; 0 when it cannot be told.
uint64_t dd_file_system_id(const char *path);

// name_to_handle_at(2), open_by_handle_at(2): 1 when the directory at `path` can be opened by its handle, 0 or -1 when not.
int dd_can_find_by_handle(const char *path);

// open_by_handle_at(2): the path of the directory that a handle means, as /proc tells it; its length, or -1. `mount` is any file on its file
// system. Needs CAP_DAC_READ_SEARCH.
int64_t dd_path_of_handle(int mount, const void *handle, char *path, size_t size);

// Network namespaces: for tests that join whole switches by links of their own

// unshare(2), setns(2): the calling thread, and what it starts, has a new network, or that of a descriptor of /proc/thread-self/ns/net.
int dd_new_network(void);
int dd_enter_network(int fd);

// /dev/net/tun, TUNSETIFF: a device called `name` in the network of the calling thread; each read(2) and write(2) is an IP packet. Not blocking.
int dd_open_tun(const char *name);

// Processes

// pidfd_open(2), pidfd_send_signal(2): a process by a descriptor that never comes to mean another one; readable when it has ended.
int dd_pidfd_open(pid_t pid);
int dd_pidfd_send_signal(int fd, int signal);

// PR_SET_PDEATHSIG: the calling process is sent `signal` when the thread that started it ends.
int dd_die_with_parent(int signal);

// WEXITSTATUS of a wait status, or 128 + WTERMSIG when a signal ended the process.
int dd_exit_status(int status);

// POSIX_SPAWN_SETSID of posix_spawn(3).
#define dd_spawn_setsid 0x80

// Two actions of posix_spawn(3): close every descriptor from `first` on, and start in another folder. `actions` is a
// posix_spawn_file_actions_t.
int dd_spawn_close_from(void *actions, int first);
int dd_spawn_in_folder(void *actions, const char *folder);

// RLIMIT_NOFILE: raises the number of descriptors that this process may have open to `wanted`, or as far as it may by itself. Returns what
// it is then, 0 when it cannot be told.
int64_t dd_raise_descriptor_limit(int64_t wanted);

// A new terminal, posix_openpt(3): the end at which a program reads what a person types. `name` becomes the path of the person's end.
int dd_open_terminal(char *name, size_t size);

#endif
